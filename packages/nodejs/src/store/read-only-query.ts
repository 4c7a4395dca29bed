/**
 * One SQL statement of somebody else, on a connection that cannot write. What it
 * costs is bounded but for its time: SQLite as it is built here cannot be
 * interrupted, so whoever needs a deadline runs this where it can be ended.
 */
import Database from 'better-sqlite3';
import type { QueryRow } from '@ocap/kernel';
import type { LimitValues } from '@ocap/kernel-utils';
import type { Sqlite } from './open-database.ts';

export type QueryCaps = Pick<LimitValues, 'queryRows' | 'queryBytes'>;

export const openReader = (path: string): Sqlite => {
  const reader = new Database(path, { readonly: true });
  reader.pragma('query_only = ON');
  // A large sort must not fill the disk; the memory of who runs it is bounded.
  reader.pragma('temp_store = MEMORY');
  return reader;
};

/**
 * Many a PRAGMA does its work while it is compiled, before anybody can look at
 * it, and some of them stay: `locking_mode` could keep the daemon from its own
 * file. So only what begins as a query is compiled at all. Each comment fits in
 * one way only, or many of them would take for ever.
 */
const queryText =
  /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?:(?!\*\/)[^])*\*\/)*(?:explain\s+(?:query\s+plan\s+)?)?(?:select|with|values)\b/iu;

/** @throws what is wrong with it, in words for whoever wrote it */
export const readOnlyQuery = (
  db: Sqlite,
  sql: string,
  { queryRows, queryBytes }: QueryCaps,
): QueryRow[] => {
  if (!queryText.test(sql)) {
    throw Error('it begins with none of SELECT, WITH, VALUES and EXPLAIN');
  }
  // `prepare` refuses more than one statement by itself.
  const statement = db.prepare<[], Record<string, unknown>>(sql);
  if (!statement.readonly || !statement.reader) {
    throw Error('it is not a query');
  }
  const rows: QueryRow[] = [];
  let bytes = 0;
  for (const found of statement.iterate()) {
    if (rows.length === queryRows) {
      throw Error(`it has more than ${queryRows} rows; add a LIMIT`);
    }
    const row = asJson(found);
    bytes += Buffer.byteLength(JSON.stringify(row));
    if (bytes > queryBytes) {
      throw Error(`its rows are more than ${queryBytes} bytes; ask for less`);
    }
    rows.push(row);
  }
  return rows;
};

/** What JSON has no word for becomes text: blobs as SQL writes them, infinite numbers. */
const asJson = (row: Readonly<Record<string, unknown>>): QueryRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, valueAsJson(value)]),
  );

/** SQLite has no others than these. */
const valueAsJson = (value: unknown): string | number | null => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : String(value);
  }
  return Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : null;
};
