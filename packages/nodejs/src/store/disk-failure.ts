/**
 * What the failure of a statement means for what is on disk. A write that was
 * refused (no space, a quota, a file that may not grow) has changed nothing: the
 * transaction is undone, and can be tried again. After anything else, a failed
 * sync above all, nobody can say what is on disk: the next process finds out.
 */
import Database from 'better-sqlite3';

/**
 * SQLite has a code of its own for a full disk only. A file that may not grow,
 * and a quota, are failed writes to it; so is a disk that refuses a block. The
 * third is of the index of the log, which grows with it.
 */
const refusedWrites = [
  'SQLITE_FULL',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_SHMSIZE',
];

export const isRefusedWrite = (error: unknown): error is Error =>
  error instanceof Database.SqliteError && refusedWrites.includes(error.code);

/** Whether it is the disk that has failed, and not what is on it. */
export const isOfDisk = (error: unknown): boolean =>
  error instanceof Database.SqliteError &&
  /^SQLITE_(?:FULL|IOERR)/u.test(error.code);

/** Whether SQLite itself has failed, and not whoever uses it. */
export const isOfSqlite = (error: unknown): error is Error =>
  error instanceof Database.SqliteError;

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/** The same functions; what SQLite throws in them is passed to `onFailure` first. */
export const watched = <Watched extends Functions>(
  functions: Watched,
  onFailure: (error: unknown) => void,
): Watched =>
  Object.fromEntries(
    Object.entries(functions).map(([name, act]) => [
      name,
      (...args: never[]) => {
        try {
          return act(...args);
        } catch (error) {
          if (isOfSqlite(error)) onFailure(error);
          throw error;
        }
      },
    ]),
  ) as unknown as Watched;
