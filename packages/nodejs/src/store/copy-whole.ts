/** A copy of a database as it is committed now, whoever writes meanwhile. */
import { closeSync, openSync } from 'node:fs';
import type { Sqlite } from './open-database.ts';

/** The file must not be there yet. It is its owner's alone, from the first instant. */
export const copyWhole = (
  db: Sqlite,
  file: string,
  /** Does what fills the file, and what it likes besides. */
  filling: (fd: number, fill: () => void) => void = (_fd, fill) => fill(),
): void => {
  // SQLite writes into an empty file.
  const fd = openSync(file, 'wx', 0o600);
  try {
    filling(fd, () => void db.prepare('VACUUM INTO ?').run(file));
  } finally {
    closeSync(fd);
  }
};
