/** Whether the tables of a database are those that this program has made. */
import Database from 'better-sqlite3';
import { migrations } from '@ocap/kernel/schema';
import type { Sqlite } from './open-database.ts';

/** As text, without that of SQLite itself, and without comments and spaces. */
const schemaOf = (db: Sqlite): string =>
  db
    .prepare<[], string>(
      "SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all()
    .join()
    .replaceAll(/--.*$|\s+/gmu, '');

let expected: string | undefined;

/** Of a database that is up to date. */
export const findSchemaProblem = (db: Sqlite): string | undefined => {
  expected ??= freshSchema();
  return schemaOf(db) === expected
    ? undefined
    : 'its tables are not those of its schema version';
};

const freshSchema = (): string => {
  const fresh = new Database(':memory:');
  try {
    for (const migration of migrations) fresh.exec(migration);
    return schemaOf(fresh);
  } finally {
    fresh.close();
  }
};
