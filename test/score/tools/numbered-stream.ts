/**
 * Calls with the numbers 1, 2, 3 … to one target, several in flight, in order
 * and each with a request id. Where the daemon dies they go on with the next
 * one, from the first that was not answered: each is asked until it is answered.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { encodeLine } from '@ocap/kernel-utils';
import { openConnection } from '../../../packages/nodejs/src/client/open-connection.ts';

type Terms = Readonly<{
  socketPath: string;
  target: string;
  method: string;
  /** Request ids begin with it. */
  name: string;
  inFlight: number;
  /** Between an answer and the next call, in ms. */
  pauseMs: number;
}>;

export type NumberedStream = Readonly<{
  /** The largest number that was ever sent. */
  sent(): number;
  /** All up to this one are answered. */
  answered(): number;
  /** The first answer that was not the number itself. */
  problem(): string | undefined;
  /** No new numbers; resolves when all are answered, or cannot be. */
  finish(withinMs: number): Promise<void>;
  /** Gives up what is not answered. */
  stop(): void;
}>;

const RETRY_MS = 50;

export const startNumberedStream = (terms: Terms): NumberedStream => {
  const { socketPath, target, method, name, inFlight, pauseMs } = terms;
  let sent = 0;
  let answered = 0;
  let problem: string | undefined;
  let isEnding = false;
  let isStopped = false;
  /** Answers that came before those of smaller numbers. */
  const early = new Set<number>();

  const isDone = (): boolean =>
    isStopped || problem !== undefined || (isEnding && answered === sent);

  const lineOf = (n: number): string => {
    const params = [target, method, [n], { requestId: `${name}-${n}` }];
    const request = { jsonrpc: '2.0', id: n, method: 'queueMessage', params };
    return encodeLine(request);
  };

  const take = (n: number, body: string): void => {
    if (body !== `#${n}`) problem ??= `${n} was answered with ${body}`;
    if (n > answered) early.add(n);
    while (early.delete(answered + 1)) answered += 1;
  };

  /** Until it is done, or the connection ends. */
  const exchange = async (): Promise<void> => {
    const ended = Promise.withResolvers<void>();
    const begun = answered;
    let next = begun + 1;
    const connection = openConnection({
      socketPath,
      onResponse: (response) => {
        if ('error' in response) {
          const { message } = response.error;
          problem ??= `${response.id} was refused: ${message}`;
        } else {
          take(response.id, (response.result as { body: string }).body);
        }
        setTimeout(pump, pauseMs);
      },
      onNotification: () => undefined,
      onEnd: () => ended.resolve(),
    });
    const pump = (): void => {
      if (isDone()) {
        connection.close();
        ended.resolve();
        return;
      }
      const last = isEnding ? sent : answered + inFlight;
      for (; next <= Math.min(last, answered + inFlight); next += 1) {
        connection.send(lineOf(next));
        sent = Math.max(sent, next);
      }
    };
    connection.hold(true);
    wake = pump;
    pump();
    await ended.promise;
  };

  let wake = (): void => undefined;
  const running = (async () => {
    while (!isDone()) {
      await exchange();
      if (!isDone()) await delay(RETRY_MS);
    }
  })();

  return {
    sent: () => sent,
    answered: () => answered,
    problem: () => problem,
    finish: async (withinMs) => {
      isEnding = true;
      wake();
      await Promise.race([running, delay(withinMs, undefined, { ref: false })]);
    },
    stop: () => {
      isStopped = true;
      wake();
    },
  };
};
