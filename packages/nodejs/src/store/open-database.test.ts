import '../daemon/lockdown.ts';
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations, SCHEMA_VERSION } from '@ocap/kernel/schema';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from './open-database.ts';
import { sumAllRows } from './row-sums.ts';
import { openSqliteBackend } from './sqlite-backend.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-store-'));
  path = join(folder, 'kernel.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['journal_mode', 'wal'],
  ['synchronous', 2],
  ['foreign_keys', 1],
  ['user_version', SCHEMA_VERSION],
])('opens with %s = %s', (pragma, expected) => {
  const db = openDatabase(path);
  expect(db.pragma(pragma, { simple: true })).toBe(expected);
  db.close();
});

it('is readable by its owner only', () => {
  openDatabase(path).close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('opens what it has made before', () => {
  const first = openSqliteBackend(path);
  first.tables.meta.write('a', 'b');
  first.commit();
  first.close();
  const second = openSqliteBackend(path);
  expect(second.tables.meta.read('a')).toBe('b');
  second.close();
});

it('finds rows without reading the large ones that it passes by', () => {
  const db = openDatabase(path);
  const tables = db.pragma('table_list') as { name: string; wr: 0 | 1 }[];
  const withoutRowid = tables.filter(({ wr }) => wr === 1);
  const columns = withoutRowid.flatMap(({ name }) =>
    (db.pragma(`table_info('${name}')`) as { name: string }[]).map(
      (column) => `${name}.${column.name}`,
    ),
  );
  // Whatever a vat, a client or a peer can make large.
  expect(
    columns.filter((name) =>
      /\.(?:body|value|text|config|parameters_body)$/u.test(name),
    ),
  ).toStrictEqual(['meta.value']);
  db.close();
});

/** A database as an earlier release left it. */
const makeEarlier = (version: number): void => {
  const db = new Database(path);
  for (const migration of migrations.slice(0, version)) {
    db.exec(migration);
  }
  db.pragma(`user_version = ${version}`);
  db.exec(`INSERT INTO names (name, kref) VALUES ('alice', 'ko1')`);
  sumAllRows(db);
  db.close();
};

const tablesOf = (db: Database.Database): unknown[] =>
  db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();

it.each(Array.from({ length: SCHEMA_VERSION - 1 }, (_, i) => i + 1))(
  'brings a database of schema %d up to date, and keeps it as it was beside',
  (version) => {
    makeEarlier(version);
    const db = openDatabase(path);
    expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    expect(db.prepare('SELECT name FROM names').all()).toStrictEqual([
      { name: 'alice' },
    ]);
    const fresh = openDatabase(join(folder, 'fresh.sqlite'));
    expect(tablesOf(db)).toStrictEqual(tablesOf(fresh));
    fresh.close();
    db.close();
    // Its rows have checksums by now.
    const backend = openSqliteBackend(path);
    expect(backend.tables.names.read('alice')).toBe('ko1');
    expect(backend.problems()).toStrictEqual([]);
    backend.close();

    const copy = `${path}.schema-${version}`;
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    const old = new Database(copy, { readonly: true });
    expect(old.pragma('user_version', { simple: true })).toBe(version);
    expect(old.prepare('SELECT name FROM names').all()).toStrictEqual([
      { name: 'alice' },
    ]);
    old.close();
  },
);

it('leaves no half of a copy where a start was killed that made it', () => {
  makeEarlier(1);
  writeFileSync(`${path}.schema-1.new`, 'half');
  openDatabase(path).close();
  expect(readdirSync(folder).sort()).toStrictEqual([
    'kernel.sqlite',
    'kernel.sqlite.schema-1',
  ]);
  const old = new Database(`${path}.schema-1`, { readonly: true });
  expect(old.prepare('SELECT name FROM names').all()).toStrictEqual([
    { name: 'alice' },
  ]);
  old.close();
});

it.each<[string, () => void, ((copy: string) => string) | undefined, RegExp]>([
  [
    'the migrations fail on it',
    () => {
      // Somebody has made what a migration makes.
      const db = new Database(path);
      db.exec('CREATE TABLE old_promises (kref)');
      db.close();
    },
    undefined,
    /already another table or index with this name: old_promises/u,
  ],
  [
    'it is not right afterwards',
    () => undefined,
    (copy) => {
      const db = new Database(copy, { readonly: true });
      const version: unknown = db.pragma('user_version', { simple: true });
      db.close();
      return `looked at version ${String(version)}`;
    },
    new RegExp(`looked at version ${SCHEMA_VERSION}`, 'u'),
  ],
])(
  'leaves a database of an earlier schema as it is where %s',
  (_why, spoil, findMigratedProblem, problem) => {
    makeEarlier(SCHEMA_VERSION - 1);
    spoil();
    const open = (): unknown => openDatabase(path, { findMigratedProblem });
    expect(open).toThrow(problem);
    expect(open).toThrow(/was left as it is/u);
    const db = new Database(path, { readonly: true });
    expect(db.pragma('user_version', { simple: true })).toBe(
      SCHEMA_VERSION - 1,
    );
    db.close();
    // The look just now was one at a log, which stays with who cannot write.
    const kept = readdirSync(folder).filter(
      (name) => !/-(?:shm|wal)$/u.test(name),
    );
    expect(kept.sort()).toStrictEqual([
      'kernel.sqlite',
      `kernel.sqlite.schema-${SCHEMA_VERSION - 1}`,
    ]);
  },
);

it('does not touch a database that is up to date', () => {
  openDatabase(path).close();
  openDatabase(path).close();
  expect(readdirSync(folder)).toStrictEqual(['kernel.sqlite']);
});

it('refuses a database that is newer than the program', () => {
  const db = new Database(path);
  db.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  db.close();
  expect(() => openDatabase(path)).toThrow(
    /has schema .*; this program knows up to/u,
  );
});

it('refuses a file that is not a database', () => {
  writeFileSync(path, 'not a database, but long enough to look at'.repeat(100));
  expect(() => openDatabase(path)).toThrow(
    /cannot be used: file is not a database/u,
  );
});

it.each([-1, 0])(
  'refuses a database with tables and schema version %i, and leaves it as it is',
  (version) => {
    const db = new Database(path);
    db.exec('CREATE TABLE theirs (x)');
    db.pragma(`user_version = ${version}`);
    db.close();
    expect(() => openDatabase(path)).toThrow(/no version of ocap has written/u);
    const again = new Database(path);
    expect(again.pragma('user_version', { simple: true })).toBe(version);
    again.close();
  },
);
