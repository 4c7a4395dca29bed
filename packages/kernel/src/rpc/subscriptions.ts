/**
 * What one connection is told without asking again: each subscription joins a
 * watch of the kernel's events and one of the log, and remembers how far each
 * has come, so that every event brings the cursor to go on from.
 */
import { fail, ifDefined, type Json } from '@ocap/kernel-utils';
import type { Kernel } from '../kernel-api.ts';
import type { EventTopic } from '../store/rows.ts';
import type { LogLevel } from '../vat/protocol.ts';
import type { Occurrence, Watch } from '../watch.ts';
import { formatCursor, type Cursor } from './cursor.ts';
import type { LogSource } from './log-source.ts';

export type Topic = EventTopic | 'log';

type Wanted = Readonly<{
  topics: readonly Topic[];
  /** Where the subscriber was; by default, what happens from now on. */
  cursor?: Cursor | 'oldest';
  /** Of the log, only lines of this level and above. */
  level?: LogLevel;
}>;

export type Subscriptions = Readonly<{
  /** Nothing is told before `begin`. */
  add(
    wanted: Wanted,
  ): Promise<Readonly<{ subscription: string; cursor: string }>>;
  /** Its answer has gone out, so that events may follow. */
  begin(subscription: string): void;
  remove(subscription: string): void;
}>;

/** Of a connection on which only answers can be sent. */
export const noSubscriptions: Subscriptions = {
  add: async () => {
    throw fail('EVENTS_UNSUPPORTED');
  },
  begin: () => undefined,
  remove: (subscription) => {
    throw fail('SUBSCRIPTION_UNKNOWN', { subscription });
  },
};

type Options = Readonly<{
  kernel: Pick<Kernel, 'watchEvents'>;
  logs?: LogSource | undefined;
  /** So many there may be at once. */
  max: number;
  send(line: string): void;
}>;

type Running = Readonly<{ begin(): void; end(): void }>;

export const makeSubscriptions = ({
  kernel,
  logs,
  max,
  send,
}: Options): Subscriptions & Readonly<{ any(): boolean; close(): void }> => {
  /** Undefined while it is being opened: it counts already. */
  const held = new Map<string, Running | undefined>();
  let count = 0;

  const insistRoom = (): void => {
    if (held.size >= max) {
      const value = held.size + 1;
      const unit = 'subscriptions on a connection';
      throw fail('LIMIT_REACHED', { limit: 'subscriptions', value, max, unit });
    }
  };

  const open = async (
    subscription: string,
    { topics, cursor, level }: Wanted,
  ): Promise<Running & Readonly<{ cursor: string }>> => {
    const watches: Watch<unknown>[] = [];
    let reached: Cursor = {};
    const tell = (
      place: Cursor,
      { at, topic, type, about }: Occurrence<unknown, Topic>,
    ): void => {
      reached = { ...reached, ...place };
      const next = formatCursor(reached);
      send(
        notification({ subscription, cursor: next, at, topic, type, ...about }),
      );
    };

    const ofKernel = topics.filter((topic) => topic !== 'log');
    if (ofKernel.length > 0) {
      const from = cursor === 'oldest' ? cursor : cursor?.events;
      const watch = await kernel.watchEvents(
        { topics: ofKernel, ...ifDefined({ from }) },
        (event) => tell({ events: event.place }, event),
      );
      reached = { events: watch.from };
      watches.push(watch);
    }
    if (topics.includes('log') && logs !== undefined) {
      const from = cursor === 'oldest' ? cursor : cursor?.log;
      const watch = logs.watch(ifDefined({ level, from }), (event) =>
        tell({ log: event.place }, event),
      );
      reached = { ...reached, log: watch.from };
      watches.push(watch);
    }
    return {
      cursor: formatCursor(reached),
      begin: () => watches.forEach((watch) => watch.begin()),
      end: () => watches.forEach((watch) => watch.end()),
    };
  };

  return {
    add: async (wanted) => {
      if (wanted.topics.includes('log') && logs === undefined) {
        throw fail('TOPIC_UNAVAILABLE', { topic: 'log' });
      }
      insistRoom();
      count += 1;
      const subscription = `sub${count}`;
      held.set(subscription, undefined);
      try {
        const opened = await open(subscription, wanted);
        if (held.has(subscription)) {
          held.set(subscription, opened);
        } else {
          opened.end(); // Its connection was closed meanwhile.
        }
        return { subscription, cursor: opened.cursor };
      } catch (error) {
        held.delete(subscription);
        throw error;
      }
    },
    begin: (subscription) => held.get(subscription)?.begin(),
    remove: (subscription) => {
      const running = held.get(subscription);
      if (running === undefined) {
        throw fail('SUBSCRIPTION_UNKNOWN', { subscription });
      }
      held.delete(subscription);
      running.end();
    },
    any: () => held.size > 0,
    close: () => {
      held.forEach((running) => running?.end());
      held.clear();
    },
  };
};

const notification = (params: Readonly<Record<string, Json>>): string =>
  JSON.stringify({ jsonrpc: '2.0', method: 'event', params });
