import { expect, it } from 'vitest';
import { rows } from '../rows/index.ts';
import { parseOptions } from './options.ts';

it('chooses all rows, or those that are named', () => {
  expect(parseOptions([], rows)).toMatchObject({ quick: false, rows });
  expect(parseOptions(['--only', 'durable', '--quick'], rows)).toMatchObject({
    quick: true,
    rows: [{ id: 'durable' }],
  });
});

it.each([
  [['--only', 'nope'], 'There is no row "nope"'],
  [['--fast'], '--fast'],
  [['--json'], '--json'],
])('refuses %j', (args, problem) => {
  expect(parseOptions(args, rows)).toStrictEqual({
    problem: expect.stringContaining(problem),
  });
});

it('gives each row a name of its own', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});
