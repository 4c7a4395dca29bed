/** Removes a database with the files that SQLite keeps beside it. */
import { rmSync } from 'node:fs';

/** Of its own file, and of those beside it. */
export const databaseSuffixes = ['', '-wal', '-shm'] as const;

export const deleteDatabase = (path: string): void => {
  for (const suffix of databaseSuffixes) {
    rmSync(`${path}${suffix}`, { force: true });
  }
};
