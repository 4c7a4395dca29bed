/**
 * One daemon a home: an exclusive SQLite transaction on `daemon.lock`. The
 * operating system releases it however the process ends, so it is never stale,
 * which no pid file can say of itself.
 */
import { closeSync, openSync, statSync, truncateSync } from 'node:fs';
import type BetterSqlite from 'better-sqlite3';

// A look at the lock holds it for a moment; the daemon should not give up on that.
const ACQUIRE_MS = 100;

export type Lock = Readonly<{
  release(): void;
  /** Its file was deleted or replaced: it keeps nobody out any more. */
  isLost(): boolean;
}>;

// Imported when it is needed: this file is also part of the CLI, and most of
// its commands never look at the lock.
const openDatabase = async (
  path: string,
  timeout: number,
): Promise<BetterSqlite.Database> => {
  const { default: Database } = await import('better-sqlite3');
  return new Database(path, { timeout });
};

const hasCode = (thrown: unknown, codes: RegExp): boolean =>
  thrown instanceof Error &&
  'code' in thrown &&
  typeof thrown.code === 'string' &&
  codes.test(thrown.code);

const isBusy = (thrown: unknown): boolean => hasCode(thrown, /^SQLITE_BUSY/u);

/** Somebody has written into it. It is looked into only while nobody has the lock. */
const isGarbage = (thrown: unknown): boolean =>
  hasCode(thrown, /^SQLITE_(?:NOTADB|CORRUPT)/u);

const inodeOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino;

// A connection that is collected as garbage is closed, and lets go of the lock.
const held = new Set<BetterSqlite.Database>();

/** Creates the file readable by its owner only, before SQLite would do it otherwise. */
const touch = (path: string): void => closeSync(openSync(path, 'a', 0o600));

/** The lock, or `undefined` while another process has it. The folder must exist. */
export const acquireLock = async (path: string): Promise<Lock | undefined> => {
  for (;;) {
    touch(path);
    const inode = inodeOf(path);
    const database = await openDatabase(path, ACQUIRE_MS);
    try {
      // Nothing is ever written, so there need not be a journal beside it.
      database.pragma('journal_mode = MEMORY');
      database.exec('BEGIN EXCLUSIVE');
    } catch (thrown) {
      database.close();
      if (isBusy(thrown)) return undefined;
      if (!isGarbage(thrown)) throw thrown;
      // Nothing in it is ours. It stays the same file: another may have it by now.
      truncateSync(path);
      continue;
    }
    // A purge may have removed the file in between: a lock on a file without a
    // name keeps nobody out.
    if (inode !== undefined && inodeOf(path) === inode) {
      held.add(database);
      return {
        release: () => {
          held.delete(database);
          database.close();
        },
        isLost: () => inodeOf(path) !== inode,
      };
    }
    database.close();
  }
};

/** Whether some process has the lock at this moment. */
export const isLocked = async (path: string): Promise<boolean> => {
  if (inodeOf(path) === undefined) return false;
  const database = await openDatabase(path, 0);
  try {
    // A shared lock, for an instant: it excludes nobody who looks, too.
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (thrown) {
    if (isBusy(thrown)) return true;
    if (isGarbage(thrown)) return false;
    throw thrown;
  } finally {
    database.close();
  }
};
