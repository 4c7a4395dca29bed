/** Queries in a process of their own, against a real database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { limitValues } from '@ocap/kernel-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gone } from '../../../../test/support/processes.ts';
import { makeTestLogger } from '../daemon/fixtures/temp-home.ts';
import { makeQueryRunner, type QueryRunner } from './query-runner.ts';

let folder: string;
let databasePath: string;
let logger: ReturnType<typeof makeTestLogger>;
let runners: QueryRunner[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-query-'));
  databasePath = join(folder, 'kernel.sqlite');
  const database = new Database(databasePath);
  database.pragma('journal_mode = WAL');
  database.exec(`CREATE TABLE t (a); INSERT INTO t VALUES (1), ('ä'), (NULL)`);
  database.close();
  logger = makeTestLogger();
  runners = [];
});
afterEach(async () => {
  for (const runner of runners) await runner.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (
  overrides: Parameters<typeof limitValues>[0] = {},
  idleMs = 60_000,
): QueryRunner => {
  const limits = limitValues(overrides);
  const runner = makeQueryRunner({ databasePath, limits, logger, idleMs });
  runners.push(runner);
  return runner;
};

const pids = (): readonly number[] =>
  logger.reports
    .filter(({ message }) => message === 'a process for queries was started')
    .map(({ pid }) => Number(pid));

const ENDLESS =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n';
const count = (to: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT i FROM n`;

describe('a query', () => {
  it('is answered with rows, those before it first, by one process', async () => {
    const { query } = open();
    const answers = await Promise.all([
      query('SELECT a FROM t'),
      query(' -- the same\n/* again */ EXPLAIN QUERY PLAN SELECT a FROM t'),
      query('VALUES (7)'),
    ]);
    expect(answers).toMatchObject([
      [{ a: 1 }, { a: 'ä' }, { a: null }],
      [{ detail: 'SCAN t' }],
      [{ column1: 7 }],
    ]);
    expect(pids()).toHaveLength(1);
  });

  it('tells as text what JSON has no word for', async () => {
    const rows = await open().query(`SELECT x'00ff' AS blob, 9e999 AS huge`);
    expect(rows).toStrictEqual([{ blob: "x'00ff'", huge: 'Infinity' }]);
  });

  it.each([
    ['one that writes', `WITH x AS (SELECT 1) DELETE FROM t`],
    ['two', 'SELECT 1; SELECT 2'],
    ['a PRAGMA, which works while it is compiled', 'PRAGMA query_only = OFF'],
    ['a PRAGMA that would keep the file', 'PRAGMA locking_mode = EXCLUSIVE'],
    ['a PRAGMA behind a comment', '/* SELECT */ PRAGMA busy_timeout = 1'],
    ['a PRAGMA that is only to be explained', 'EXPLAIN PRAGMA temp_store = 1'],
    ['ATTACH', `ATTACH '/tmp/x' AS x`],
    ['no SQL', 'nonsense'],
    ['nothing', ''],
    ['comments without end', `${'/**/'.repeat(1e5)}/*`],
  ])('is refused if it is %s', async (_name, sql) => {
    const { query } = open();
    await expect(query(sql)).rejects.toMatchObject({ code: 'SQL_REFUSED' });
    expect(await query('SELECT count(*) AS n FROM t')).toStrictEqual([
      { n: 3 },
    ]);
    expect(pids()).toHaveLength(1);
  });

  it('that never ends is ended, and the next one is answered', async () => {
    const { query } = open({ queryMs: 500 });
    const [endless, next] = await Promise.allSettled([
      query(ENDLESS),
      query('SELECT 1 AS one'),
    ]);
    expect(endless).toMatchObject({
      reason: {
        code: 'SQL_REFUSED',
        message: expect.stringContaining('longer than 0.5 s'),
      },
    });
    expect(next).toMatchObject({ value: [{ one: 1 }] });
    expect(pids()).toHaveLength(2);
  });

  it.each([
    [0, true],
    [1, false],
  ])('may have as many rows as allowed, and %i', async (more, isAnswered) => {
    const asked = open({ queryRows: 20 }).query(count(20 + more));
    if (isAnswered) expect(await asked).toHaveLength(20);
    else await expect(asked).rejects.toThrow(/more than 20 rows/u);
  });

  it.each([
    [0, true],
    [1, false],
  ])('may have as many bytes as allowed, and %i', async (more, isAnswered) => {
    // {"a":"xx…"}
    const sql = `SELECT printf('%.*c', ${100 - 8 + more}, 'x') AS a`;
    const asked = open({ queryBytes: 100 }).query(sql);
    if (isAnswered) expect(JSON.stringify((await asked)[0])).toHaveLength(100);
    else await expect(asked).rejects.toThrow(/more than 100 bytes/u);
  });

  it('has little memory', async () => {
    const { query } = open();
    const huge = 'SELECT hex(zeroblob(900000000)) AS a';
    await expect(query(huge)).rejects.toMatchObject({ code: 'SQL_REFUSED' });
    expect(await query('SELECT 1 AS one')).toStrictEqual([{ one: 1 }]);
  });
});

describe('the process', () => {
  it('ends when nothing was asked for a while, and starts again', async () => {
    const { query } = open({}, 10);
    await query('SELECT 1');
    await gone(pids()[0] ?? 0);
    expect(await query('SELECT 2 AS two')).toStrictEqual([{ two: 2 }]);
    expect(pids()).toHaveLength(2);
  });

  it('is replaced when it has worked for as long as one query may', async () => {
    const { query } = open({ queryMs: 1 });
    await query('SELECT 1').catch(() => undefined);
    await query('SELECT 1').catch(() => undefined);
    expect(pids().length).toBeGreaterThan(1);
  });

  it('ends with the runner, which tells whoever waits', async () => {
    const runner = open({ queryMs: 60_000 });
    await runner.query('SELECT 1');
    const asked = [ENDLESS, 'SELECT 2'].map(async (sql) =>
      runner.query(sql).catch((thrown: unknown) => thrown),
    );
    await new Promise(setImmediate);
    await runner.close();
    expect(await Promise.all(asked)).toMatchObject([
      { code: 'SHUTTING_DOWN' },
      { code: 'SHUTTING_DOWN' },
    ]);
    await gone(pids()[0] ?? 0);
  });
});
