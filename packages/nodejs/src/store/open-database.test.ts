import '../daemon/lockdown.ts';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCHEMA_VERSION } from '@ocap/kernel';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from './open-database.ts';

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
  const first = openDatabase(path);
  first.exec(`INSERT INTO meta VALUES ('a', 'b')`);
  first.close();
  const second = openDatabase(path);
  expect(second.prepare('SELECT * FROM meta').all()).toStrictEqual([
    { key: 'a', value: 'b' },
  ]);
  second.close();
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
