/**
 * What the kernel adds to an open channel: bounds on what waits, reads that are
 * answered in their order and only to those who still wait, and a clear end.
 */
import harden from '@endo/harden';
import {
  fail,
  messageOf,
  OcapError,
  type LimitName,
  type LimitValues,
} from '@ocap/kernel-utils';
import type { IoChannel, IoMethod } from '../powers.ts';
import type { ServiceCaller } from './service.ts';

export type ChannelCalls = Readonly<{
  /** Rejects with IO_FAILED if it cannot be opened. */
  ready: Promise<void>;
  /** Rejects with IO_FAILED, LIMIT_REACHED, or what ended call or channel. */
  call(
    caller: Pick<ServiceCaller, 'ended'>,
    method: IoMethod,
    args: readonly string[],
  ): Promise<unknown>;
  /** Rejects the reads that need no answer any more. */
  sweep(): void;
  /** Rejects everything that waits. */
  close(reason: OcapError): Promise<void>;
}>;

type Waiting = Readonly<{
  resolve(line: unknown): void;
  reject(reason: OcapError): void;
  ended: ServiceCaller['ended'];
}>;

const utf8 = new TextEncoder();

export const makeChannelCalls = ({
  name,
  opening,
  limits,
}: Readonly<{
  name: string;
  opening: Promise<IoChannel>;
  limits: LimitValues;
}>): ChannelCalls => {
  const reads: Waiting[] = [];
  /** Those that end the calls under way, other than reads. */
  const ending = new Set<(reason: OcapError) => void>();
  let closed: OcapError | undefined;
  let isReading = false;
  /** A line that came when nobody waited for it any more. */
  let unclaimed: Readonly<{ line: unknown }> | undefined;
  let unwritten = 0;

  const failed = (error: unknown): OcapError =>
    error instanceof OcapError
      ? error
      : fail('IO_FAILED', { channel: name, problem: messageOf(error) });

  const insistBelow = (limit: LimitName, value: number, unit: string): void => {
    const max = limits[limit];
    if (value > max) {
      throw fail('LIMIT_REACHED', { limit, value, max, unit });
    }
  };

  const sweep = (): void => {
    for (const waiting of [...reads]) {
      const reason = waiting.ended();
      if (reason !== undefined) {
        reads.splice(reads.indexOf(waiting), 1);
        waiting.reject(reason);
      }
    }
  };

  const first = (): Waiting | undefined => {
    sweep();
    return reads[0];
  };

  /** One line at a time, for as long as somebody waits for one. */
  const answerReads = async (): Promise<void> => {
    while (first() !== undefined) {
      try {
        unclaimed ??= { line: await (await opening).read?.() };
      } catch (error) {
        reads.shift()?.reject(failed(error));
        continue;
      }
      const waiting = first();
      if (waiting !== undefined) {
        const { line } = unclaimed;
        unclaimed = undefined;
        reads.shift();
        waiting.resolve(line);
      }
    }
    isReading = false;
  };

  const read = async ({
    ended,
  }: Pick<ServiceCaller, 'ended'>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      sweep();
      insistBelow('ioReadsWaiting', reads.length + 1, 'reads');
      reads.push({ resolve, reject, ended });
      if (!isReading) {
        isReading = true;
        void answerReads();
      }
    });

  const perform = async (
    method: IoMethod,
    args: readonly string[],
  ): Promise<unknown> => {
    const bytes = args.reduce((sum, arg) => sum + utf8.encode(arg).length, 0);
    insistBelow('ioCallsWaiting', ending.size + 1, 'calls');
    insistBelow('ioUnwrittenBytes', unwritten + bytes, 'bytes');
    unwritten += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    ending.add(reject);
    opening
      .then(async (channel) => channel[method]?.(...args))
      .then(resolve, (error: unknown) => reject(failed(error)));
    try {
      return await promise;
    } finally {
      ending.delete(reject);
      unwritten -= bytes;
    }
  };

  return harden({
    ready: opening.then(
      () => undefined,
      (error: unknown) => {
        throw failed(error);
      },
    ),
    call: async (
      caller: Pick<ServiceCaller, 'ended'>,
      method: IoMethod,
      args: readonly string[],
    ) => {
      if (closed !== undefined) {
        throw closed;
      }
      return method === 'read' ? read(caller) : perform(method, args);
    },
    sweep,
    close: async (reason: OcapError) => {
      closed ??= reason;
      reads.splice(0).forEach(({ reject }) => reject(reason));
      ending.forEach((reject) => reject(reason));
      const channel = await opening.catch(() => undefined);
      await channel?.close();
    },
  });
};
