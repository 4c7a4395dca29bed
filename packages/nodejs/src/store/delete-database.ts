/** Removes a database with the files that SQLite keeps beside it. */
import { rmSync } from 'node:fs';

export const deleteDatabase = (path: string): void => {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${path}${suffix}`, { force: true });
  }
};
