/**
 * The only way out of the kernel. What is to leave is kept here until the
 * commit that covers it; only then is it released. Commits are grouped: while
 * vats are at work, an answer waits for as long as the last commit took, so
 * that under load half of the time at most goes into commits, and a single
 * answer never waits for nothing.
 */
import harden from '@endo/harden';
import { fail, type OcapError } from '@ocap/kernel-utils';
import type { Counts } from './counts.ts';
import type { Powers } from './powers.ts';
import { makeStorage, type Storage } from './storage.ts';

export type Outbox = Readonly<{
  /** Runs `release` after the next commit. */
  push(release: () => void): void;
  /**
   * Something changed that need not leave, but should be on disk before long:
   * at once, where it is so much (in characters) that memory would fill with it.
   */
  touch(chars?: number): void;
  /** Resolves once everything up to now is on disk; rejects with INTERRUPTED if there is no room for it. */
  committed(): Promise<void>;
  /** No vat is at work any more: nothing is gained by waiting for others. */
  onQuiet(): void;
  /** Commits now, unless the disk is full and it is tried again later. */
  flush(): void;
  /**
   * The same in any case, and for the last time: what vats that are still at
   * work do after it is lost, as if the daemon were gone. Whether all is on disk.
   */
  finish(): boolean;
  storage: Pick<Storage, 'isFull' | 'insistRoom' | 'problem'>;
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
  onRoom,
  onInterrupted,
  powers,
}: Readonly<{
  /** As that of the store. */
  commit: () => string | undefined;
  /** Whether a vat is at work, so that more answers are likely to come. */
  isBusy: () => boolean;
  counts: Pick<Counts, 'commits' | 'commitMs'>;
  /** The disk was full, and is no more. */
  onRoom: () => void;
  /** The disk is full, and who waits is to be told this. */
  onInterrupted: (error: OcapError) => void;
  powers: Powers;
}>): Outbox => {
  const interruptions = new Set<(error: OcapError) => void>();
  const storage = makeStorage({
    commit,
    retry: () => void release(storage.commitNow),
    onRoom,
    onLasting: () => {
      const what = 'The call, for want of room on the disk,';
      const error = fail('INTERRUPTED', { what });
      interruptions.forEach((interrupt) => interrupt(error));
      interruptions.clear();
      onInterrupted(error);
    },
    powers,
  });
  let waiting: (() => void)[] = [];
  let firstWaitingSince = 0;
  let lastCommitMs = 0;
  let turnRequested = false;
  let cancelPatience: (() => void) | undefined;
  let cancelQuiet: (() => void) | undefined;
  let unwritten = 0;
  let isFinished = false;

  /** Whether all is on disk; then what waited for it is released. */
  const release = (tryToStore: () => boolean): boolean => {
    if (isFinished) {
      return false;
    }
    unwritten = 0;
    cancelQuiet?.();
    cancelQuiet = undefined;
    cancelPatience?.();
    cancelPatience = undefined;
    const released = waiting;
    waiting = [];
    const begun = powers.now();
    let isStored: boolean;
    try {
      isStored = tryToStore();
    } catch (error) {
      // A failed commit may have been kept or not: nothing may be said about
      // it, and nothing that follows could be trusted.
      powers.fatal(error);
      return false;
    }
    if (!isStored) {
      waiting = [...released, ...waiting];
      return false;
    }
    lastCommitMs = powers.now() - begun;
    counts.commits += 1;
    counts.commitMs += lastCommitMs;
    for (const leave of released) {
      leave();
    }
    return true;
  };
  const flush = (): void => void release(storage.commit);

  const onTurn = (): void => {
    turnRequested = false;
    // Where the disk is full, it is tried again from there.
    if (waiting.length === 0 || storage.isFull()) {
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
      if (storage.isFull()) {
        return;
      }
      unwritten += chars;
      if (unwritten > UNWRITTEN_CHARS) {
        flush();
        return;
      }
      cancelQuiet ??= powers.after(QUIET_COMMIT_MS, flush);
    },
    committed: async () =>
      new Promise<void>((resolve, reject) => {
        interruptions.add(reject);
        push(() => {
          interruptions.delete(reject);
          resolve();
        });
      }),
    onQuiet: () => {
      if (cancelPatience !== undefined) {
        requestTurn();
      }
    },
    flush,
    finish: () => {
      const isStored = release(storage.finish);
      isFinished = true;
      return isStored;
    },
    storage,
  });
};
