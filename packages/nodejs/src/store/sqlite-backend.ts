/**
 * The database behind the kernel's store. All SQL is in this folder; nothing
 * here decides anything.
 */
import type { StoreBackend } from '@ocap/kernel';
import {
  fail,
  limitValues,
  messageOf,
  type EndpointId,
  type KRef,
  type VRef,
} from '@ocap/kernel-utils';
import { damageIn, findProblem } from './find-problem.ts';
import {
  openDatabase,
  type OpenOptions,
  type Sqlite,
} from './open-database.ts';
import { openReader, readOnlyQuery } from './read-only-query.ts';
import { makeScans } from './sqlite-scans.ts';
import { makeTables } from './sqlite-tables.ts';

type Options = OpenOptions &
  Readonly<{
    /** Told that what was read is not what was written. It is not used. */
    onDamage?: (error: unknown) => void;
  }>;

export const openSqliteBackend = (
  path: string,
  { onDamage, ...options }: Options = {},
): StoreBackend => {
  const db = openDatabase(path, options);
  const damaged = (table: string): never => {
    const problem = damageIn(table);
    const error = fail('STORE_UNUSABLE', { path, problem });
    onDamage?.(error);
    throw error;
  };
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');

  const ensureTransaction = (): void => {
    if (!db.inTransaction) {
      begin.run();
    }
  };
  const tables = makeTables(db, { ensureTransaction, onDamage: damaged });
  const krefOf = db
    .prepare<[string, string], string>(
      'SELECT kref FROM clist WHERE endpoint = ? AND vref = ?',
    )
    .pluck();
  const exportedPromises = db
    .prepare<[string], string>(
      "SELECT vref FROM clist WHERE endpoint = ? AND vref >= 'p+' AND vref < 'p,'",
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
    newestPromise: (endpoint: EndpointId) =>
      exportedPromises
        .all(endpoint)
        .reduce((newest, ref) => Math.max(newest, Number(ref.slice(2))), 0),
    scan: makeScans(db, damaged),
    deleteVatstore: (vatId, count) => {
      ensureTransaction();
      return deleteVatstore.run({ vatId, count }).changes;
    },
    query: (sql) => {
      reader ??= path === ':memory:' ? db : openReader(path);
      try {
        return readOnlyQuery(reader, sql, limitValues());
      } catch (error) {
        throw fail('SQL_REFUSED', { problem: messageOf(error) });
      }
    },
    problems: () => {
      const found = findProblem(db);
      return found === undefined ? [] : [`of the database: ${found}`];
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
