/** A copy of a database as it is committed now, whoever writes meanwhile. */
import { closeSync, openSync } from 'node:fs';
import type { Sqlite } from './open-database.ts';

/** The file must not be there yet. It is its owner's alone, from the first instant. */
export const copyWhole = (db: Sqlite, file: string): void => {
  // SQLite writes into an empty file.
  closeSync(openSync(file, 'wx', 0o600));
  db.prepare('VACUUM INTO ?').run(file);
};
