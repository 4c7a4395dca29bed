/**
 * The database behind the kernel's store. All SQL is in this folder; nothing
 * here decides anything.
 */
import Database from 'better-sqlite3';
import type { StoreBackend } from '@ocap/kernel';
import {
  fail,
  messageOf,
  type EndpointId,
  type KRef,
  type VRef,
} from '@ocap/kernel-utils';
import { openDatabase, type Sqlite } from './open-database.ts';
import { makeScans } from './sqlite-scans.ts';
import { makeTables } from './sqlite-tables.ts';

/** Rows that `executeDBQuery` returns at most. */
const QUERY_ROWS = 10_000;

export const openSqliteBackend = (path: string): StoreBackend => {
  const db = openDatabase(path);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');

  const ensureTransaction = (): void => {
    if (!db.inTransaction) {
      begin.run();
    }
  };
  const tables = makeTables(db, ensureTransaction);
  const krefOf = db
    .prepare<[string, string], string>(
      'SELECT kref FROM clist WHERE endpoint = ? AND vref = ?',
    )
    .pluck();
  const deleteVatstore = db.prepare(
    'DELETE FROM vatstore WHERE vat_id = @vatId AND key IN (SELECT key FROM vatstore WHERE vat_id = @vatId LIMIT @count)',
  );
  let reader: Sqlite | undefined;

  return {
    tables,
    krefOf: (endpoint: EndpointId, vref: VRef) =>
      krefOf.get(endpoint, vref) as KRef | undefined,
    scan: makeScans(db),
    deleteVatstore: (vatId, count) => {
      ensureTransaction();
      return deleteVatstore.run({ vatId, count }).changes;
    },
    query: (sql) => {
      reader ??= path === ':memory:' ? db : openReader(path);
      return readOnlyQuery(reader, sql);
    },
    commit: () => {
      if (db.inTransaction) {
        commit.run();
      }
    },
    close: () => {
      reader?.close();
      if (db.open) {
        db.close();
      }
    },
  };
};

const openReader = (path: string): Sqlite => {
  const reader = new Database(path, { readonly: true });
  reader.pragma('query_only = ON');
  return reader;
};

const readOnlyQuery = (db: Sqlite, sql: string): Record<string, unknown>[] => {
  try {
    // `prepare` refuses more than one statement by itself.
    const statement = db.prepare<[], Record<string, unknown>>(sql);
    if (!statement.readonly || !statement.reader) {
      throw Error('it is not a query');
    }
    const rows: Record<string, unknown>[] = [];
    for (const row of statement.iterate()) {
      if (rows.length === QUERY_ROWS) {
        throw Error(`it has more than ${QUERY_ROWS} rows; add a LIMIT`);
      }
      rows.push(row);
    }
    return rows;
  } catch (error) {
    throw fail('SQL_REFUSED', { problem: messageOf(error) });
  }
};
