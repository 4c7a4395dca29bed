/**
 * What is wrong with what is in a database: told by SQLite of the structure of
 * its file, and by the checksums of the rows of what is in them. Knows nothing
 * of the kernel, so that a command can look at a copy.
 */
import { messageOf } from '@ocap/kernel-utils';
import type { Sqlite } from './open-database.ts';
import { findUnsoundTable } from './row-sums.ts';

/** Reads all of it. `undefined` if nothing is wrong. */
export const findProblem = (db: Sqlite): string | undefined => {
  try {
    const [found] = db.pragma('integrity_check(1)') as Readonly<{
      integrity_check: string;
    }>[];
    // Several lines, of which the last says what and the others where.
    const structure = found?.integrity_check.trim().replaceAll('\n', ': ');
    if (structure !== 'ok') return `it is damaged (${structure})`;
    const table = findUnsoundTable(db);
    return table === undefined ? undefined : damageIn(table);
  } catch (error) {
    // What is too bad to be looked through.
    return `it cannot be read (${messageOf(error)})`;
  }
};

export const damageIn = (table: string): string =>
  `it is damaged: a row of ${table} is not as it was written`;
