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

describe('a log', () => {
  const openLogged = (): Database.Database => {
    const db = new Database(join(folder, 'other.sqlite'));
    db.pragma('journal_mode = WAL');
    db.pragma('wal_autocheckpoint = 0');
    db.exec('CREATE TABLE t (a PRIMARY KEY, b)');
    return db;
  };
  const fill = (db: Database.Database, commits: number): void => {
    const replace = db.prepare('INSERT OR REPLACE INTO t VALUES (?, ?)');
    for (let i = 0; i < commits; i += 1) replace.run(i % 10, 'x'.repeat(9000));
  };
  const walBytes = ({ name }: Database.Database): number =>
    statSync(`${name}-wal`).size;

  it.each([
    ['is cut off when it was copied, where there is little room', 1024, 0],
    ['is left as long as it is, where there is plenty', Infinity, 1_000_000],
  ])('%s', (_, free, bytes) => {
    const db = openLogged();
    const copies = makeWalCopies(db, { freeBytes: () => free });
    fill(db, 1400);
    copies.copyIfDue();
    expect(walBytes(db)).toBeGreaterThanOrEqual(bytes);
    expect(walBytes(db) > 0).toBe(bytes > 0);
    const size = walBytes(db);
    fill(db, 100);
    expect(walBytes(db) > size).toBe(bytes === 0);
    db.close();
  });

  it.each<[string, (disk: { now: number; free: number }) => void]>([
    ['after a rest', (disk) => (disk.now = 10_000)],
    ['as soon as there is room', (disk) => (disk.free = 4096)],
  ])(
    'goes on growing where the copy is refused, and is copied %s',
    (_, mend) => {
      const db = openLogged();
      const disk = { now: 0, free: 0 };
      const refusals: string[] = [];
      const copies = makeWalCopies(db, {
        freeBytes: () => disk.free,
        now: () => disk.now,
        onRefused: (problem) => refusals.push(problem),
      });
      fill(db, 1400);
      // Called with the statement as its `this`, below.
      const { get } = prototype;
      const spy = vi.spyOn(prototype, 'get').mockImplementation(function (
        this: Database.Statement,
      ) {
        if (!this.source.endsWith('(PASSIVE)')) return get.call(this);
        throw new Database.SqliteError('it fails', 'SQLITE_FULL');
      });
      copies.copyIfDue();
      copies.copy();
      expect(refusals).toStrictEqual(['it fails']);
      spy.mockRestore();
      copies.copy();
      expect(statSync(db.name).size).toBeLessThan(100_000);
      mend(disk);
      copies.copy();
      expect(statSync(db.name).size).toBeGreaterThan(100_000);
      db.close();
    },
  );
});
