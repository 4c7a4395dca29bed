/** A database whose bytes are not those that were written is refused, or what it serves is right. */
import '../daemon/lockdown.ts';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VatId } from '@ocap/kernel-utils';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteBackend } from './sqlite-backend.ts';

const wayBack =
  /go back to a backup with `ocap daemon restore <file> --force`, or begin anew with `ocap daemon/u;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-damage-'));
  path = join(folder, 'kernel.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Some rows of a vat, in as many commits; closed. */
const fill = (count: number): void => {
  const backend = openSqliteBackend(path);
  for (let i = 0; i < count; i += 1) {
    backend.tables.vatstore.write(`v1 key${i}`, `value ${i}`);
    backend.commit();
  }
  backend.close();
};

/** Changes one bit. */
const bendAt = (file: string, at: number): void => {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
};

/** The same where this text begins, for the last time in the file. */
const bend = (file: string, text: string): void => {
  const at = readFileSync(file).lastIndexOf(text);
  expect(at).toBeGreaterThan(0);
  bendAt(file, at);
};

describe('a database that was closed', () => {
  it.each([
    ['value 7', 10, /row of vatstore is not as/u],
    // The only one: with others beside it, their order would tell.
    ['key0', 1, /missing from index/u],
  ])('is refused if %s was changed in it', (text, count, problem) => {
    fill(count);
    bend(path, text);
    const before = readFileSync(path);
    expect(() => openSqliteBackend(path)).toThrow(problem);
    expect(() => openSqliteBackend(path)).toThrow(wayBack);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each([
    ['nothing is left of it', 0, /it is empty/u],
    ['it was cut off', 8192, /cannot be used/u],
  ])('is refused if %s', (_, length, problem) => {
    fill(10);
    truncateSync(path, length);
    expect(() => openSqliteBackend(path)).toThrow(problem);
    expect(() => openSqliteBackend(path)).toThrow(wayBack);
  });

  it('is refused in one line, also if SQLite shows its own text of many', () => {
    fill(1);
    const bytes = readFileSync(path);
    // Begins a name that does not end.
    bytes.write('"', bytes.lastIndexOf('  text   TEXT NOT NULL'));
    writeFileSync(path, bytes);
    expect(() => openSqliteBackend(path)).toThrow(
      /^The database .*malformed database schema.* go back to a backup.*$/u,
    );
  });

  it('is refused if a table is not as the program makes it', () => {
    fill(1);
    const db = new Database(path);
    db.exec('DROP INDEX clist_by_vref');
    db.close();
    expect(() => openSqliteBackend(path)).toThrow(/its tables are not those/u);
  });

  it('is not looked through if it is larger than the limit; what is read of it is', () => {
    fill(10);
    bend(path, 'value 7');
    const { length } = readFileSync(path);
    expect(() => openSqliteBackend(path, { checkedBytes: length })).toThrow(
      wayBack,
    );
    const told: unknown[] = [];
    const backend = openSqliteBackend(path, {
      checkedBytes: length - 1,
      onFailure: (error) => told.push(error),
    });
    const { vatstore } = backend.tables;
    expect(vatstore.read('v1 key6')).toBe('value 6');
    expect(() => vatstore.read('v1 key7')).toThrow(wayBack);
    expect(() => backend.scan.vatstore('v1' as VatId, '', 100)).toThrow(
      wayBack,
    );
    expect(told).toHaveLength(2);
    expect(backend.problems()).toStrictEqual([
      expect.stringMatching(/a row of vatstore/u),
    ]);
    backend.close();
  });
});

describe('an index of a database that is not looked through', () => {
  it('serves nothing from a row that it takes for another', () => {
    fill(10);
    // What follows the key is the number of the row: 4.
    const entry = 'v1key3';
    const at = readFileSync(path).indexOf(`${entry}\u0004`);
    expect(at).toBeGreaterThan(0);
    bendAt(path, at + entry.length);
    const backend = openSqliteBackend(path, {
      checkedBytes: 0,
      onFailure: () => undefined,
    });
    const { vatstore } = backend.tables;
    expect(vatstore.read('v1 key2')).toBe('value 2');
    expect(() => vatstore.read('v1 key3')).toThrow(wayBack);
    expect(() => backend.scan.vatstore('v1' as VatId, '', 100)).toThrow(
      wayBack,
    );
    backend.close();
  });
});

describe('a database whose daemon was killed', () => {
  /** Its files as they are while it is open. */
  const fillAndKill = (count: number): void => {
    fill(1);
    const backend = openSqliteBackend(path);
    for (let i = 0; i < count; i += 1) {
      backend.tables.vatstore.write(`v1 key${i}`, `late ${i}.`);
      backend.commit();
    }
    const left = mkdtempSync(join(folder, 'left-'));
    for (const name of readdirSync(folder).filter((n) => n.includes('sqlite')))
      copyFileSync(join(folder, name), join(left, name));
    backend.close();
    path = join(left, 'kernel.sqlite');
  };
  const wal = (): string => `${path}-wal`;

  it('is opened with all that was committed', () => {
    fillAndKill(10);
    const backend = openSqliteBackend(path);
    expect(backend.tables.vatstore.read('v1 key9')).toBe('late 9.');
    backend.close();
  });

  it.each(['late 5.', 'late 9.'])(
    'is refused if %s was changed in its log, and not opened as of before',
    (text) => {
      fillAndKill(10);
      bend(wal(), text);
      expect(() => openSqliteBackend(path)).toThrow(/sqlite-wal is damaged/u);
      expect(() => openSqliteBackend(path)).toThrow(wayBack);
    },
  );

  it.each([
    ['its log was cut off', () => truncateSync(wal(), 5000)],
    ['its log is gone', () => rmSync(wal())],
    ['the header of its log was changed', () => bendAt(wal(), 16)],
  ])('is refused if %s', (_, damage) => {
    fillAndKill(10);
    damage();
    expect(() => openSqliteBackend(path)).toThrow(wayBack);
  });

  it('is opened without what SQLite has noted of its log', () => {
    fillAndKill(10);
    rmSync(`${path}-shm`);
    const backend = openSqliteBackend(path);
    expect(backend.tables.vatstore.read('v1 key9')).toBe('late 9.');
    backend.close();
  });

  it('is opened with a log that another follows', () => {
    fillAndKill(10);
    const first = openSqliteBackend(path);
    first.tables.vatstore.write('v1 key9', 'later');
    first.commit();
    first.close();
    expect(existsSync(wal())).toBe(false);
    const second = openSqliteBackend(path);
    expect(second.tables.vatstore.read('v1 key9')).toBe('later');
    second.close();
  });
});

it('takes what is not well formed for what it becomes, not for damage', () => {
  const backend = openSqliteBackend(path);
  const { vatstore } = backend.tables;
  vatstore.write('v1 \ud800key', 'va\udc00lue');
  vatstore.write('v1 nul\0key', 'a\0b');
  backend.commit();
  expect(vatstore.read('v1 \ud800key')).toMatch(/^va.*lue$/u);
  expect(vatstore.read('v1 nul\0key')).toBe('a\0b');
  backend.close();
  openSqliteBackend(path).close();
});

it('leaves no half of a database where a start was killed that made it', () => {
  writeFileSync(`${path}.new`, 'half');
  writeFileSync(`${path}-wal`, 'of one that was deleted');
  openSqliteBackend(path).close();
  expect(readdirSync(folder)).toStrictEqual(['kernel.sqlite']);
});
