/**
 * The subscriptions of one client. Each outlives connections and daemons: where
 * one breaks, it is asked for again from where it was, so that its program is
 * told of everything once, and of what cannot be told any more by a `gap`.
 */
import type { EventTopic } from '@ocap/kernel';
import { DaemonError, RpcError } from './errors.ts';

const RETRY_MS = 200;

export type DaemonEvent = Readonly<{
  /** What a later subscription takes to go on after this event. */
  cursor: string;
  /** Epoch ms. */
  at: number;
  topic: EventTopic | 'log';
  /** What happened. `gap`: something of this topic was missed; look at the state anew. */
  type: string;
  /** What it is about: see the RPC reference. */
  [about: string]: unknown;
}>;

export type SubscribeOptions = Readonly<{
  /** Of an event, or `oldest` for all that is kept; by default what happens from now on. */
  cursor?: string;
  /** Of the topic `log`, only lines of this level and above. */
  level?: 'debug' | 'info' | 'warn' | 'error';
  onEvent(event: DaemonEvent): void;
  /** The connection was lost. It is tried again until `close`, also while no daemon runs. */
  onLost?(): void;
}>;

export type Subscription = Readonly<{
  /** Where it is: after the last event that it has told. */
  cursor(): string;
  /** Nothing is told any more. */
  close(): void;
  /** Resolves once it was closed; rejects if a daemon refuses to go on with it. */
  ended: Promise<void>;
}>;

type Outcome = Readonly<{
  resolve(result: unknown): void;
  reject(error: Error): void;
}>;

type Entry = {
  readonly topics: readonly string[];
  readonly options: SubscribeOptions;
  readonly ended: PromiseWithResolvers<void>;
  cursor: string | undefined;
  /** Its name on the connection; undefined while it has none. */
  id: string | undefined;
  retry: NodeJS.Timeout | undefined;
  /** Events that came before its program was told that it is subscribed. */
  early: DaemonEvent[] | undefined;
};

export type ClientSubscriptions = Readonly<{
  subscribe(
    topics: readonly string[],
    options: SubscribeOptions,
  ): Promise<Subscription>;
  /** Whether there are any, so that their program must go on. */
  any(): boolean;
  onEvent(params: Readonly<Record<string, unknown>>): void;
  /** The connection has ended, and with it all that the daemon knew of them. */
  onLost(): void;
  close(): void;
}>;

/** `request` calls back at once, before the next message is looked at: events follow their answer. */
export const makeClientSubscriptions = (
  request: (method: string, params: unknown, outcome: Outcome) => void,
): ClientSubscriptions => {
  const entries = new Set<Entry>();
  const byId = new Map<string, Entry>();

  const ask = (entry: Entry, { resolve, reject }: Outcome): void => {
    const { topics, cursor } = entry;
    const { level } = entry.options;
    const params = {
      topics,
      ...(cursor !== undefined && { cursor }),
      ...(level !== undefined && { level }),
    };
    request('subscribe', params, {
      resolve: (result) => {
        const id = textOf(result, 'subscription');
        const begins = textOf(result, 'cursor');
        if (id === undefined || begins === undefined) {
          const problem = 'its subscription has no id or no cursor';
          reject(new DaemonError('INVALID_RESPONSE', { problem }));
        } else if (entries.has(entry)) {
          entry.id = id;
          entry.cursor = begins;
          byId.set(id, entry);
          resolve(undefined);
        } else {
          cancel(id);
        }
      },
      reject,
    });
  };

  /** Soon: what the program throws must not be taken for a bad connection. */
  const tell = (entry: Entry, event: DaemonEvent): void =>
    queueMicrotask(() => {
      if (!entries.has(entry)) return;
      entry.cursor = event.cursor;
      entry.options.onEvent(event);
    });

  const cancel = (subscription: string): void =>
    request('unsubscribe', { subscription }, ignored);

  const forget = (entry: Entry): void => {
    entries.delete(entry);
    clearTimeout(entry.retry);
    if (entry.id !== undefined) byId.delete(entry.id);
  };

  const close = (entry: Entry): void => {
    if (!entries.has(entry)) return;
    forget(entry);
    if (entry.id !== undefined) cancel(entry.id);
    entry.ended.resolve();
  };

  const askAgain = (entry: Entry): void => {
    entry.retry = setTimeout(() => {
      ask(entry, {
        resolve: () => undefined,
        reject: (error) => {
          if (!entries.has(entry)) return;
          if (mayPass(error)) {
            askAgain(entry);
          } else {
            forget(entry);
            entry.ended.reject(error);
          }
        },
      });
    }, RETRY_MS);
  };

  return {
    subscribe: async (topics, options) => {
      const ended = Promise.withResolvers<void>();
      // Who does not look at it has been told by `onLost`.
      ended.promise.catch(() => undefined);
      const { cursor } = options;
      const entry: Entry = {
        topics,
        options,
        ended,
        cursor,
        id: undefined,
        retry: undefined,
        early: [],
      };
      entries.add(entry);
      await new Promise<unknown>((resolve, reject) => {
        ask(entry, { resolve, reject });
      }).catch((error: unknown) => {
        forget(entry);
        throw error;
      });
      setImmediate(() => {
        const { early = [] } = entry;
        entry.early = undefined;
        early.forEach((event) => tell(entry, event));
      });
      return {
        cursor: () => entry.cursor ?? '',
        close: () => close(entry),
        ended: ended.promise,
      };
    },
    any: () => entries.size > 0,
    onEvent: ({ subscription, ...event }) => {
      const entry = byId.get(String(subscription));
      if (entry === undefined || !isEvent(event)) return;
      if (entry.early === undefined) tell(entry, event);
      else entry.early.push(event);
    },
    onLost: () => {
      byId.clear();
      for (const entry of entries) {
        // Who has no name yet hears of it as the failure of what was asked.
        if (entry.id === undefined) continue;
        entry.id = undefined;
        askAgain(entry);
        entry.options.onLost?.();
      }
    },
    close: () => {
      for (const entry of entries) {
        forget(entry);
        entry.ended.resolve();
      }
    },
  };
};

const ignored: Outcome = {
  resolve: () => undefined,
  reject: () => undefined,
};

const textOf = (result: unknown, field: string): string | undefined => {
  const value = (result as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === 'string' ? value : undefined;
};

const isEvent = (
  event: Readonly<Record<string, unknown>>,
): event is DaemonEvent =>
  typeof event['cursor'] === 'string' &&
  typeof event['at'] === 'number' &&
  typeof event['topic'] === 'string' &&
  typeof event['type'] === 'string';

/** Whether it is worth asking once more: not if the daemon has said no. */
const mayPass = (error: Error): boolean => {
  if (error instanceof RpcError) {
    return textOf(error.data, 'code') === 'SHUTTING_DOWN';
  }
  return !(error instanceof DaemonError && error.code === 'INVALID_RESPONSE');
};
