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
  type VatId,
  type VRef,
} from '@ocap/kernel-utils';
import { isRefusedWrite, watched } from './disk-failure.ts';
import { damageIn, findProblem } from './find-problem.ts';
import {
  openDatabase,
  type OpenOptions,
  type Sqlite,
} from './open-database.ts';
import { openReader, readOnlyQuery } from './read-only-query.ts';
import { makeScans } from './sqlite-scans.ts';
import { makeTables } from './sqlite-tables.ts';
import { makeWalCopies } from './wal-copies.ts';

type Options = OpenOptions &
  Readonly<{
    /**
     * Told that what was read is not what was written (it is not used), or that a
     * statement has failed, which may have undone others with it.
     */
    onFailure?: (error: unknown) => void;
    /** Told why the log cannot be copied into the database; it goes on growing. */
    onCopyRefused?: (problem: string) => void;
  }>;

export const openSqliteBackend = (
  path: string,
  {
    onFailure = () => undefined,
    onCopyRefused = () => undefined,
    ...options
  }: Options = {},
): StoreBackend => {
  const db = openDatabase(path, options);
  const damaged = (table: string): never => {
    const problem = damageIn(table);
    const error = fail('STORE_UNUSABLE', { path, problem });
    onFailure(error);
    throw error;
  };
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');

  // SQLite may undo a transaction when a statement in it fails, and would go on
  // without what was written in it.
  let isBegun = false;
  const insistNotUndone = (): void => {
    if (isBegun && !db.inTransaction) {
      throw fail('INVARIANT', {
        what: 'a transaction is undone by commit only',
      });
    }
  };
  const ensureTransaction = (): void => {
    insistNotUndone();
    if (!isBegun) {
      begin.run();
      isBegun = true;
    }
  };
  // So that a full disk is met by a commit only: until then all is in memory.
  db.pragma('cache_spill = OFF');
  db.pragma('temp_store = MEMORY');
  // See wal-copies.ts.
  db.pragma('wal_autocheckpoint = 0');
  const tables = makeTables(db, {
    ensureTransaction,
    onDamage: damaged,
    onFailure,
  });
  const krefOf = db
    .prepare<[string, string], string>(
      'SELECT kref FROM clist WHERE endpoint = ? AND vref = ?',
    )
    .pluck();
  const exportedPromises = db
    .prepare<[string], VRef>(
      "SELECT vref FROM clist WHERE endpoint = ? AND vref >= 'p+' AND vref < 'p,'",
    )
    .pluck();
  const deleteVatstore = db.prepare(
    'DELETE FROM vatstore WHERE vat_id = @vatId AND key IN (SELECT key FROM vatstore WHERE vat_id = @vatId LIMIT @count)',
  );
  const walCopies = makeWalCopies(db, { onRefused: onCopyRefused });
  let reader: Sqlite | undefined;

  /** Undefined if it is on disk. */
  const tryCommit = (): string | undefined => {
    try {
      commit.run();
      return undefined;
    } catch (error) {
      if (!isRefusedWrite(error) || db.inTransaction) throw error;
      return messageOf(error);
    }
  };

  const others = watched(
    {
      krefOf: (endpoint: EndpointId, vref: VRef) =>
        krefOf.get(endpoint, vref) as KRef | undefined,
      exportedPromises: (endpoint: EndpointId) =>
        exportedPromises.all(endpoint),
      deleteVatstore: (vatId: VatId, count: number) => {
        ensureTransaction();
        return deleteVatstore.run({ vatId, count }).changes;
      },
    },
    onFailure,
  );

  return {
    tables,
    scan: watched(makeScans(db, damaged), onFailure),
    ...others,
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
      insistNotUndone();
      if (!isBegun) return undefined;
      isBegun = false;
      const problem = tryCommit();
      if (problem === undefined) walCopies.copyIfDue();
      else walCopies.copy();
      return problem;
    },
    close: () => {
      reader?.close();
      if (db.open) {
        db.close();
      }
    },
  };
};
