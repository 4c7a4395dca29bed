/** Notices that vats have ended, whoever ended them, and that the daemon has. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KernelStatus } from '@ocap/kernel';
import { makeClient, pathsOf, type DaemonEvent } from '@ocap/nodejs/client';
import type { Context } from './context.ts';

const RETRY_MS = 1_000;

type Options = Readonly<{
  ids: readonly string[];
  signal: AbortSignal;
  onEnded: (id: string) => void;
  /** Once for each time that it is found not to run. */
  onDaemonGone: () => void;
}>;

/** Resolves when all of them have ended, or when the signal fires. */
export const untilVatsEnd = async (
  { home }: Pick<Context, 'home'>,
  { ids, signal, onEnded, onDaemonGone }: Options,
): Promise<void> => {
  const client = makeClient({ socketPath: pathsOf(home).socketPath });
  const living = new Set(ids);
  const over = Promise.withResolvers<void>();

  const end = (id: unknown): void => {
    if (typeof id === 'string' && living.delete(id)) {
      onEnded(id);
    }
    if (living.size === 0) {
      over.resolve();
    }
  };
  /** For what had happened before the first event, or fell into a gap. */
  const look = async (): Promise<void> => {
    const status = (await client.call('getStatus')) as KernelStatus;
    const found = new Set<string>(status.vats.map(({ id }) => id));
    [...living].filter((id) => !found.has(id)).forEach(end);
  };
  const lookSoon = (): void => {
    untilDone(signal, look).catch(over.reject);
  };
  const onEvent = ({ type, vat }: DaemonEvent): void => {
    if (type === 'terminated') {
      end(vat);
    } else if (type === 'gap') {
      lookSoon();
    }
  };

  signal.addEventListener('abort', () => over.resolve(), { once: true });
  try {
    const subscribe = async (): Promise<unknown> =>
      client.subscribe(['vat'], { onEvent, onLost: onDaemonGone });
    await untilDone(signal, subscribe, onDaemonGone);
    lookSoon();
    if (!signal.aborted) {
      await over.promise;
    }
  } finally {
    client.close();
  }
};

/** Tries until it succeeds or the signal fires. A daemon may be on its way out, or stuck. */
const untilDone = async (
  signal: AbortSignal,
  act: () => Promise<unknown>,
  onFirstFailure: () => void = () => undefined,
): Promise<void> => {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await act();
      return;
    } catch {
      if (failures === 0) {
        onFirstFailure();
      }
    }
    await pause(signal);
  }
};

/** Ends early when the signal fires. */
const pause = async (signal: AbortSignal): Promise<void> => {
  try {
    await delay(RETRY_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
};
