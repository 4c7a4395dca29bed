/** Notices that vats have ended, whoever ended them, and that the daemon has. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KernelStatus } from '@ocap/kernel';
import type { Context } from './context.ts';

const LOOK_MS = 1_000;

type Options = Readonly<{
  ids: readonly string[];
  signal: AbortSignal;
  onEnded: (id: string) => void;
  /** Once for each time that it is found not to run. */
  onDaemonGone: () => void;
}>;

/** Resolves when all of them have ended, or when the signal fires. */
export const untilVatsEnd = async (
  { callIfRunning }: Pick<Context, 'callIfRunning'>,
  { ids, signal, onEnded, onDaemonGone }: Options,
): Promise<void> => {
  const living = new Set(ids);
  let wasRunning = true;
  while (living.size > 0 && !signal.aborted) {
    await pause(signal);
    let status: KernelStatus | undefined;
    try {
      status = (await callIfRunning('getStatus', [])) as
        KernelStatus | undefined;
    } catch {
      continue; // It was on its way out, or is stuck: the next look tells.
    }
    if (status === undefined && wasRunning) {
      onDaemonGone();
    }
    wasRunning = status !== undefined;
    const found = new Set<string>(status?.vats.map(({ id }) => id));
    const ended = wasRunning ? [...living].filter((id) => !found.has(id)) : [];
    for (const id of ended) {
      living.delete(id);
      onEnded(id);
    }
  }
};

/** Ends early when the signal fires; the loop then sees it. */
const pause = async (signal: AbortSignal): Promise<void> => {
  try {
    await delay(LOOK_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
};
