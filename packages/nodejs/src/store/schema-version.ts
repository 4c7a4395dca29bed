/** By which version of the schema a database was written. */
import { SCHEMA_VERSION } from '@ocap/kernel/schema';
import type { Sqlite } from './open-database.ts';

export const versionOf = (db: Sqlite): number =>
  Number(db.pragma('user_version', { simple: true }));

/** Version 0 is that of a new file; one that has tables already is not ours to write to. */
export const findUnknownVersion = (db: Sqlite): string | undefined => {
  const found = versionOf(db);
  if (found > SCHEMA_VERSION) {
    return `it was written by a newer version of ocap (schema ${found}, this one knows ${SCHEMA_VERSION})`;
  }
  const tables = db
    .prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'")
    .pluck()
    .get();
  return found < 0 || (found === 0 && tables !== 0)
    ? `it has tables, but its schema version is ${found}, which no version of ocap has written`
    : undefined;
};
