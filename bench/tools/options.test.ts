import { expect, it } from 'vitest';
import { curves } from '../curves/index.ts';
import { rows } from '../rows/index.ts';
import { parseOptions } from './options.ts';

const menu = { rows, curves };

const chosenOf = (args: string[], of: 'rows' | 'curves'): string[] => {
  const options = parseOptions(args, menu);
  return 'problem' in options ? [] : options[of].map(({ id }) => id);
};
const idsOf = (args: string[]): string[] => chosenOf(args, 'rows');

it('chooses all rows without a peer, or those that are named', () => {
  const ids = rows.filter(({ peer }) => !peer).map(({ id }) => id);
  expect(idsOf([])).toStrictEqual(ids);
  expect(parseOptions(['--only', 'durable', '--quick'], menu)).toMatchObject({
    quick: true,
    rows: [{ id: 'durable' }],
  });
});

it('adds the rows of peers, or chooses those of one peer, when asked for', () => {
  expect(idsOf(['--peers'])).toStrictEqual(rows.map(({ id }) => id));
  const ofSwingset = rows.filter(({ peer }) => peer === 'swingset');
  expect(idsOf(['--peers', '--only', 'swingset'])).toStrictEqual(
    ofSwingset.map(({ id }) => id),
  );
  expect(idsOf(['--peers', '--only', 'captp-ping'])).toStrictEqual([
    'captp-ping',
  ]);
});

it('adds the curves, or chooses one of them, when asked for', () => {
  const all = curves.map(({ id }) => id);
  expect(chosenOf([], 'curves')).toStrictEqual([]);
  expect(chosenOf(['--curves'], 'curves')).toStrictEqual(all);
  expect(idsOf(['--curves'])).toStrictEqual(idsOf([]));
  const onlyCurves = ['--curves', '--only', 'curves'];
  expect(chosenOf(onlyCurves, 'curves')).toStrictEqual(all);
  expect(idsOf(onlyCurves)).toStrictEqual([]);
  expect(chosenOf(['--curves', '--only', 'vats'], 'curves')).toStrictEqual([
    'vats',
  ]);
});

it.each([
  [['--only', 'vats'], '"vats" is a curve'],
  [['--only', 'swingset'], '"swingset" measures a peer'],
  [['--only', 'captp-ping'], '"captp-ping" measures a peer'],
  [['--only', 'nope'], 'There is no row "nope"'],
  [['--fast'], '--fast'],
  [['--json'], '--json'],
])('refuses %j', (args, problem) => {
  expect(parseOptions(args, menu)).toStrictEqual({
    problem: expect.stringContaining(problem),
  });
});

it('gives each row and each curve a name of its own', () => {
  const all = [...rows, ...curves];
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});
