/** What a backend says of a disk that takes nothing, and of one that cannot be trusted. */
import '../daemon/lockdown.ts';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSqliteBackend } from './sqlite-backend.ts';
import { makeWalCopies } from './wal-copies.ts';

const statement = new Database(':memory:').prepare('SELECT 1');
const prototype = Object.getPrototypeOf(statement) as Database.Statement;

let folder: string;
let path: string;
let told: unknown[];
let backend: ReturnType<typeof openSqliteBackend>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-failing-'));
  path = join(folder, 'kernel.sqlite');
  told = [];
  backend = openSqliteBackend(path, { onFailure: (error) => told.push(error) });
});
afterEach(() => {
  vi.restoreAllMocks();
  backend.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The next statement that is run fails as SQLite does, which undoes the transaction. */
const failNext = (code: string): void => {
  vi.spyOn(prototype, 'run').mockImplementationOnce(function (
    this: Database.Statement,
  ) {
    this.database.exec('ROLLBACK');
    throw new Database.SqliteError('it fails', code);
  });
};

it('says that a commit was refused, and commits when it is tried again', () => {
  const { vatstore } = backend.tables;
  vatstore.write('v1 a', '1');
  failNext('SQLITE_FULL');
  expect(backend.commit()).toBe('it fails');
  expect(vatstore.read('v1 a')).toBeUndefined();
  vatstore.write('v1 a', '1');
  expect(backend.commit()).toBeUndefined();
  expect(vatstore.read('v1 a')).toBe('1');
  expect(told).toStrictEqual([]);
});

it.each(['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_READ', 'SQLITE_CORRUPT'])(
  'throws where a commit fails with %s',
  (code) => {
    backend.tables.vatstore.write('v1 a', '1');
    failNext(code);
    expect(() => backend.commit()).toThrow('it fails');
  },
);

it('tells of a statement that fails, and commits nothing of what went with it', () => {
  const { vatstore } = backend.tables;
  vatstore.write('v1 a', '1');
  failNext('SQLITE_IOERR_READ');
  expect(() => vatstore.write('v1 b', '2')).toThrow('it fails');
  expect(told).toHaveLength(1);
  expect(() => vatstore.write('v1 c', '3')).toThrow(/undone by commit only/u);
  expect(() => backend.commit()).toThrow(/undone by commit only/u);
});

it('copies a long log into the database, and goes on where that is refused', () => {
  const { vatstore } = backend.tables;
  const large = 'x'.repeat(4096);
  const fill = (round: number, rows: number): void => {
    for (let i = 0; i < rows; i += 1) {
      vatstore.write(`v1 ${round} ${i}`, large);
    }
    expect(backend.commit()).toBeUndefined();
  };
  const refused = vi.spyOn(prototype, 'get').mockImplementation(function (
    this: Database.Statement,
  ) {
    if (this.source.endsWith('(PASSIVE)')) {
      throw new Database.SqliteError('it fails', 'SQLITE_FULL');
    }
    return { busy: 0, log: 4000, checkpointed: 0 };
  });
  fill(1, 4500);
  refused.mockRestore();
  expect(statSync(path).size).toBeLessThan(1_000_000);
  fill(2, 600);
  expect(statSync(path).size).toBeGreaterThan(10_000_000);
});

describe('where there is little room', () => {
  const fill = (db: Database.Database): void => {
    for (let i = 0; i < 2000; i += 1) {
      db.prepare('INSERT OR REPLACE INTO t VALUES (?, ?)').run(i % 10, 'x');
    }
  };
  it.each([
    ['cut off when it was copied', 1024, false],
    ['left as long as it is where there is plenty', Infinity, true],
  ])('the log is %s', (_, free, isLong) => {
    const db = new Database(join(folder, 'other.sqlite'));
    db.pragma('journal_mode = WAL');
    db.pragma('wal_autocheckpoint = 0');
    db.exec('CREATE TABLE t (a PRIMARY KEY, b)');
    const copies = makeWalCopies(db, () => free);
    fill(db);
    copies.copyIfDue();
    const { size } = statSync(`${db.name}-wal`);
    expect(size > 0).toBe(isLong);
    fill(db);
    copies.copyIfDue();
    expect(db.prepare('SELECT COUNT(*) FROM t').pluck().get()).toBe(10);
    db.close();
  });
});
