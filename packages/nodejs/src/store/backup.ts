/**
 * Copies of a database: of one that is in use, and back. What is written gets
 * its name when it is whole, checked and on the disk, and never takes the place
 * of something else.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import Database from 'better-sqlite3';
import { copyWhole } from './copy-whole.ts';
import { findProblem } from './find-problem.ts';
import type { Sqlite } from './open-database.ts';
import { SUM, sumOf } from './row-sums.ts';
import { findUnknownVersion, versionOf } from './schema-version.ts';
import { syncedMeanwhile } from './sync-meanwhile.ts';

/**
 * A copy of what was committed when it began, whoever writes meanwhile: it is a
 * single read of one snapshot, in this process, so it holds nobody up, and what
 * it writes is synced as it goes.
 * @returns its size in bytes @throws what SQLite or the system says, and
 * EEXIST if there is such a file; then nothing is left
 */
export const writeBackup = (databasePath: string, file: string): number => {
  const draft = `${file}.${process.pid}.new`;
  try {
    withDatabase(databasePath, { readonly: true }, (db) =>
      copyWhole(db, draft, syncedMeanwhile),
    );
    const problem = lookThrough(draft);
    if (problem !== undefined) {
      throw Error(`the copy of ${databasePath} is not sound: ${problem}`);
    }
    sync(draft);
    linkSync(draft, file);
    return statSync(file).size;
  } finally {
    rmSync(draft, { force: true });
  }
};

/** What is wrong with a backup; `undefined` if it can be restored. */
export const findBackupProblem = (file: string): string | undefined => {
  try {
    return lookThrough(file);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const lookThrough = (file: string): string | undefined =>
  withDatabase(file, { readonly: true, fileMustExist: true }, (db) =>
    versionOf(db) === 0
      ? 'it is empty'
      : (findUnknownVersion(db) ?? findProblem(db)),
  );

/**
 * A copy of a backup that knows that it is one, so that the kernel begins anew
 * with whoever has heard of it since. The file must not be there yet.
 */
export const copyRestored = (backup: string, file: string): void => {
  // Not the file: what was put aside after a `kill -9` may have a log beside it.
  withDatabase(backup, { readonly: true }, (db) => copyWhole(db, file));
  withDatabase(file, {}, (db) => {
    db.pragma('synchronous = FULL');
    noteRestored(db);
    db.pragma('wal_checkpoint(TRUNCATE)');
  });
  sync(file);
};

const noteRestored = (db: Sqlite): void => {
  const [key, value] = ['restored', 'true'];
  db.prepare('REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
  // Backups of schemas without checksums get theirs with the migration.
  const columns = db.pragma("table_info('meta')") as { name: string }[];
  if (columns.some(({ name }) => name === SUM)) {
    db.prepare(`UPDATE meta SET ${SUM} = ? WHERE key = ?`).run(
      sumOf([key, value]),
      key,
    );
  }
};

const withDatabase = <Result>(
  path: string,
  options: Database.Options,
  use: (db: Sqlite) => Result,
): Result => {
  const db = new Database(path, options);
  try {
    return use(db);
  } finally {
    db.close();
  }
};

const sync = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
