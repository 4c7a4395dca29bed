import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';
import { scoreboard } from './scoreboard.ts';

const written = ['vat-spin', 'vat-memory', 'timing'];
const parse = (...args: string[]) =>
  parseOptions(args, scoreboard, ({ id }) => written.includes(id));

describe('the options of the scoreboard', () => {
  it('choose every check that is written, quickly, unless told otherwise', () => {
    expect(parse()).toMatchObject({
      mode: 'quick',
      patience: 1,
      write: false,
      checks: [
        { number: 18, id: 'vat-spin' },
        { number: 19, id: 'vat-memory' },
        { number: 26, id: 'timing' },
      ],
    });
  });

  it('choose by number or id, each once, in the order of the board', () => {
    expect(
      parse(
        '--full',
        'timing',
        '18',
        'vat-spin',
        '--seed',
        '5',
        '--patience=2',
      ),
    ).toMatchObject({
      mode: 'full',
      seed: 5,
      patience: 2,
      checks: [{ id: 'vat-spin' }, { id: 'timing' }],
    });
  });

  it.each([
    [['nope'], 'There is no check "nope".'],
    [['41'], 'There is no check "41".'],
    [['1'], 'The check 1 (kill9-ledger) is not written yet.'],
    [['--seed', 'x'], '--seed takes a whole number, not "x".'],
    [['--patience', '0'], '--patience takes a number from 1 to 10, not "0".'],
    [['--fast'], '--fast'],
  ])('refuse %j', (args, problem) => {
    expect(parse(...args)).toStrictEqual({
      problem: expect.stringContaining(problem),
    });
  });
});

it('the scoreboard has forty checks, each of its own name', () => {
  expect(scoreboard).toHaveLength(40);
  expect(new Set(scoreboard.map(({ id }) => id)).size).toBe(40);
  expect(scoreboard[17]).toStrictEqual({ number: 18, id: 'vat-spin' });
  expect(scoreboard[39]).toStrictEqual({ number: 40, id: 'relay-churn' });
});
