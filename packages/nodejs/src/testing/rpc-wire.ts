/** A connection to an engine over a kernel, without a socket: what is asked, and all that is said. */
import type { Kernel } from '@ocap/kernel';
import { makeRpcEngine, type LogSource } from '@ocap/kernel/rpc';
import { onTestFinished, vi } from 'vitest';
import { makeTestLogger } from '../daemon/fixtures/temp-home.ts';

export type ToldEvent = Readonly<{
  subscription: string;
  cursor: string;
  at: number;
  topic: string;
  type: string;
  [about: string]: unknown;
}>;

type Said = Readonly<{
  id?: number;
  result?: unknown;
  error?: Readonly<{ code: number; message: string; data?: unknown }>;
  method?: string;
  params?: ToldEvent;
}>;

export type RpcWire = Readonly<{
  /** Everything that was said so far, in order. */
  said: readonly Said[];
  /** Sends a request; resolves to the answer. */
  ask(method: string, params?: unknown): Promise<Said>;
  subscribe(
    params: unknown,
  ): Promise<Readonly<{ subscription: string; cursor: string }>>;
  /** The events so far, of one subscription or of all. */
  events(subscription?: string): readonly ToldEvent[];
  /** The same, once there are so many. */
  untilEvents(
    count: number,
    subscription?: string,
  ): Promise<readonly ToldEvent[]>;
  isKept(): boolean;
  close(): void;
}>;

type Options = Readonly<{
  logs?: LogSource;
  /** Looks at each line in the moment in which it is sent. */
  onLine?(said: Said): void;
  facet?: 'owner' | 'none';
}>;

export const openWire = (
  kernel: Kernel,
  { logs, onLine, facet = 'owner' }: Options = {},
): RpcWire => {
  const said: Said[] = [];
  const rpc = makeRpcEngine(kernel, {
    shutdown: () => undefined,
    setLogLevel: () => undefined,
    logger: makeTestLogger(),
    logs,
  });
  const session = rpc.connect(
    (line) => {
      const next = JSON.parse(line) as Said;
      onLine?.(next);
      said.push(next);
    },
    { facet },
  );
  onTestFinished(() => session.close());
  let lastId = 0;

  const ask: RpcWire['ask'] = async (method, params = []) => {
    lastId += 1;
    const id = lastId;
    await session.handleLine(
      JSON.stringify({ jsonrpc: '2.0', id, method, params }),
    );
    const answer = said.find((each) => each.id === id);
    if (answer === undefined) throw new Error(`no answer to ${method}`);
    return answer;
  };
  const events: RpcWire['events'] = (subscription) =>
    said
      .flatMap(({ method, params }) =>
        method === 'event' && params !== undefined ? [params] : [],
      )
      .filter(
        (event) =>
          subscription === undefined || event.subscription === subscription,
      );

  return {
    said,
    ask,
    subscribe: async (params) => {
      const { result, error } = await ask('subscribe', params);
      if (error !== undefined) throw new Error(error.message);
      return result as { subscription: string; cursor: string };
    },
    events,
    untilEvents: async (count, subscription) =>
      vi.waitFor(() => {
        const found = events(subscription);
        if (found.length < count) throw new Error(`${found.length} events`);
        return found;
      }, 10_000),
    isKept: session.isKept,
    close: session.close,
  };
};
