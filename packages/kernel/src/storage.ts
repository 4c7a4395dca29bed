/**
 * Whether the disk takes what is to be stored. While it does not, as one that is
 * full, what was applied stays in memory and nothing of it leaves; vats are given
 * nothing more, and nobody may ask for anything that would have to be stored. It
 * is tried again until there is room. So nothing is lost, and memory stays
 * bounded by what was under way.
 */
import harden from '@endo/harden';
import { fail } from '@ocap/kernel-utils';
import type { Powers } from './powers.ts';
import type { StorageProblem } from './status-api.ts';

export type Storage = Readonly<{
  /** Whether everything is on disk by now. Does not try where it is tried later anyway. */
  commit(): boolean;
  /** The same, but tries. */
  commitNow(): boolean;
  /** Tries for the last time. */
  finish(): boolean;
  isFull(): boolean;
  /** @throws STORAGE_FULL */
  insistRoom(): void;
  /** Undefined if there is none. */
  problem(): StorageProblem | undefined;
}>;

/** Pauses between two attempts, in ms: each one longer than the last, up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** Whoever waits is not left without an answer for longer than about this, in ms. */
const PATIENCE_MS = 1000;

export const makeStorage = ({
  commit,
  retry,
  onRoom,
  onLasting,
  powers,
}: Readonly<{
  /** As that of the store. */
  commit: () => string | undefined;
  /** Calls `commitNow`, and releases what waits for it. */
  retry: () => void;
  /** There is room again, and everything is on disk. */
  onRoom: () => void;
  /** It lasts: whoever waits has to be told. Called again and again. */
  onLasting: () => void;
  powers: Pick<Powers, 'now' | 'epoch' | 'after' | 'logger'>;
}>): Storage => {
  const { logger } = powers;
  let full: (StorageProblem & Readonly<{ begun: number }>) | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let cancelRetry: (() => void) | undefined;

  const onRefused = (problem: string): void => {
    const begun = full?.begun ?? powers.now();
    if (full === undefined) {
      pauseMs = FIRST_PAUSE_MS;
      logger.error(
        'Nothing can be stored; calls are refused until there is room.',
        { problem },
      );
    }
    full = { problem, since: full?.since ?? powers.epoch(), begun };
    cancelRetry?.();
    cancelRetry = powers.after(pauseMs, retry);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    if (powers.now() - begun >= PATIENCE_MS) {
      onLasting();
    }
  };

  const onTaken = (): void => {
    if (full === undefined) {
      return;
    }
    const seconds = Math.round((powers.now() - full.begun) / 1000);
    full = undefined;
    cancelRetry?.();
    cancelRetry = undefined;
    logger.warn('There is room again: everything is stored.', { seconds });
    onRoom();
  };

  const commitNow = (): boolean => {
    const problem = commit();
    if (problem === undefined) {
      onTaken();
    } else {
      onRefused(problem);
    }
    return problem === undefined;
  };

  return harden({
    commit: () => full === undefined && commitNow(),
    commitNow,
    finish: () => {
      const isStored = commitNow();
      cancelRetry?.();
      return isStored;
    },
    isFull: () => full !== undefined,
    insistRoom: () => {
      if (full !== undefined) {
        throw fail('STORAGE_FULL', { problem: full.problem });
      }
    },
    problem: () =>
      full === undefined
        ? undefined
        : { problem: full.problem, since: full.since },
  });
};
