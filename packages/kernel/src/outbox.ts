/**
 * The only way out of the kernel. What is to leave is kept here until the
 * commit that covers it; only then is it released. Commits are grouped: while
 * vats are at work, an answer waits for as long as the last commit took, so
 * that under load half of the time at most goes into commits, and a single
 * answer never waits for nothing.
 */
import harden from '@endo/harden';
import type { Counts } from './counts.ts';
import type { Powers } from './powers.ts';

export type Outbox = Readonly<{
  /** Runs `release` after the next commit. */
  push(release: () => void): void;
  /**
   * Something changed that need not leave, but should be on disk before long:
   * at once, where it is so much (in characters) that memory would fill with it.
   */
  touch(chars?: number): void;
  /** Resolves once everything up to now is on disk. */
  committed(): Promise<void>;
  /** No vat is at work any more: nothing is gained by waiting for others. */
  onQuiet(): void;
  /** Commits now. */
  flush(): void;
}>;

/** How long a change may stay in memory when nothing waits for it, in ms. */
const QUIET_COMMIT_MS = 50;
/** Characters that may wait in memory for a commit. */
const UNWRITTEN_CHARS = 8 * 1024 * 1024;
/** Longest wait of an answer for others to share its commit, in ms. */
const GROUP_COMMIT_MS = 5;
/** Least that can be waited for without taking the processor from the vats, in ms. */
const TIMER_MS = 1;

export const makeOutbox = ({
  commit,
  isBusy,
  counts,
  powers,
}: Readonly<{
  commit: () => void;
  /** Whether a vat is at work, so that more answers are likely to come. */
  isBusy: () => boolean;
  counts: Pick<Counts, 'commits' | 'commitMs'>;
  powers: Powers;
}>): Outbox => {
  let waiting: (() => void)[] = [];
  let firstWaitingSince = 0;
  let lastCommitMs = 0;
  let turnRequested = false;
  let cancelPatience: (() => void) | undefined;
  let cancelQuiet: (() => void) | undefined;
  let unwritten = 0;

  const flush = (): void => {
    unwritten = 0;
    cancelQuiet?.();
    cancelQuiet = undefined;
    cancelPatience?.();
    cancelPatience = undefined;
    const released = waiting;
    waiting = [];
    const begun = powers.now();
    try {
      commit();
    } catch (error) {
      // A failed commit may have been kept or not: nothing may be said about
      // it, and nothing that follows could be trusted.
      powers.fatal(error);
      return;
    }
    lastCommitMs = powers.now() - begun;
    counts.commits += 1;
    counts.commitMs += lastCommitMs;
    for (const release of released) {
      release();
    }
  };

  const onTurn = (): void => {
    turnRequested = false;
    if (waiting.length === 0) {
      return;
    }
    const patience =
      Math.min(lastCommitMs, GROUP_COMMIT_MS) -
      (powers.now() - firstWaitingSince);
    if (patience <= 0 || !isBusy()) {
      flush();
    } else if (patience < TIMER_MS) {
      requestTurn();
    } else {
      cancelPatience ??= powers.after(Math.floor(patience), () => {
        cancelPatience = undefined;
        onTurn();
      });
    }
  };
  const requestTurn = (): void => {
    if (!turnRequested) {
      turnRequested = true;
      powers.nextTurn(onTurn);
    }
  };

  const push = (release: () => void): void => {
    if (waiting.length === 0) {
      firstWaitingSince = powers.now();
    }
    waiting.push(release);
    requestTurn();
  };

  return harden({
    push,
    touch: (chars = 0) => {
      unwritten += chars;
      if (unwritten > UNWRITTEN_CHARS) {
        flush();
        return;
      }
      cancelQuiet ??= powers.after(QUIET_COMMIT_MS, flush);
    },
    committed: async () =>
      new Promise<void>((resolve) => {
        push(resolve);
      }),
    onQuiet: () => {
      if (cancelPatience !== undefined) {
        requestTurn();
      }
    },
    flush,
  });
};
