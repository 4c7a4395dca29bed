/**
 * Copies the log into the database when it has got long, or when the disk has
 * little room: else a log of 16 MiB could fill it over a database of 200 KiB.
 * SQLite would do it by itself after a commit, and keep to itself whether it went
 * well; but a sync that has failed must be known.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRefusedWrite } from './disk-failure.ts';
import type { Sqlite } from './open-database.ts';

/** Frames (pages) in the log at which it is copied in any case. */
const LONG_FRAMES = 4000;
/** After so many more it is looked whether it should be copied. */
const STEP_FRAMES = 250;
/** Little room. */
const LITTLE_BYTES = 64 * 1024 * 1024;
/**
 * Where the database could not grow, it is not tried at each commit: each time
 * many pages would be written. Unless there is more room by now, which the log
 * would take from the database.
 */
const REST_MS = 1000;

export type WalCopies = Readonly<{
  /** Copies, if that is due. @throws if a sync failed, or a read */
  copyIfDue(): void;
  /** Copies, if it has not been refused just now: what is in the database need not be kept in the log. */
  copy(): void;
}>;

type Frames = Readonly<{ busy: number; log: number; checkpointed: number }>;

export const makeWalCopies = (
  db: Sqlite,
  {
    onRefused = () => undefined,
    freeBytes = () => freeBytesAt(db.name),
    now = () => performance.now(),
  }: Readonly<{
    /** Told why the disk does not take the copy; everything stays in the log. */
    onRefused?: (problem: string) => void;
    freeBytes?: () => number;
    now?: () => number;
  }> = {},
): WalCopies => {
  const count = db.prepare<[], Frames>('PRAGMA wal_checkpoint(NOOP)');
  // Neither waits for anybody: what is still read stays in the log.
  const copyAll = db.prepare<[], Frames>('PRAGMA wal_checkpoint(PASSIVE)');
  const cut = (): void => {
    db.pragma('busy_timeout = 0');
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.pragma('busy_timeout = 5000');
  };
  let lookAt = STEP_FRAMES;
  let refused = { at: -Infinity, free: 0 };

  const isRoomScarce = (): boolean => freeBytes() < LITTLE_BYTES;

  const framesLeft = (): number => {
    try {
      const { log, checkpointed } = copyAll.get() ?? none;
      return log - checkpointed;
    } catch (error) {
      // The database could not grow. All of it is still in the log.
      if (!isRefusedWrite(error)) throw error;
      refused = { at: now(), free: freeBytes() };
      onRefused(error.message);
      return count.get()?.log ?? 0;
    }
  };
  const copy = (): void => {
    const isResting = now() - refused.at < REST_MS;
    if (isResting && freeBytes() <= refused.free) return;
    const left = framesLeft();
    lookAt = left + STEP_FRAMES;
    // Otherwise the file stays as large as it once was, and is written anew.
    if (left === 0 && isRoomScarce()) cut();
  };
  return {
    copyIfDue: () => {
      const { log } = count.get() ?? none;
      if (log < lookAt) return;
      lookAt = log + STEP_FRAMES;
      if (log >= LONG_FRAMES || isRoomScarce()) copy();
    },
    copy,
  };
};

const none: Frames = { busy: 0, log: 0, checkpointed: 0 };

const freeBytesAt = (path: string): number => {
  if (path === ':memory:') return Infinity;
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
};
