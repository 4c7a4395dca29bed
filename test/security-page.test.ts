/** `docs/security.md` claims nothing without the name of what checks it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scoreboard } from '../scripts/score/scoreboard.ts';
import { repositoryRoot } from './support/home.ts';

const page = readFileSync(join(repositoryRoot, 'docs/security.md'), 'utf8');
const promised = page.slice(
  page.indexOf('## What is promised'),
  page.indexOf('## What is not promised'),
);

/** Of the tables: rows without their heads and rules. */
const rows = promised
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (?:promise|-)/u.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

it('has rows', () => {
  expect(rows.length).toBeGreaterThan(20);
});

it.each(rows.map(([, promise = '', , checks = '']) => [promise, checks]))(
  '"%s" is checked by something that there is',
  (_promise, checks) => {
    expect(checks).not.toBe('');
    for (const check of checks.split(/,\s*/u)) {
      const [, path] = /^`(.+)`$/u.exec(check) ?? [];
      const isThere =
        path === undefined
          ? scoreboard.some(({ number, id }) => check === `${number} ${id}`)
          : existsSync(join(repositoryRoot, path));
      expect([check, isThere]).toStrictEqual([check, true]);
    }
  },
);
