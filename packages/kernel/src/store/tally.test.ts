import { expect, it } from 'vitest';
import { makeJournal } from './journal.ts';
import { makeTally } from './tally.ts';

it('counts on from what there is, and forgets what is undone', () => {
  const journal = makeJournal();
  const tally = makeTally<string>(journal, [['a', 2]]);
  tally.note('a', 1);
  tally.note('b', 1);
  expect(() =>
    journal.savepoint(() => {
      tally.note('a', -1);
      tally.note('b', -1);
      tally.note('c', 1);
      throw Error('no');
    }),
  ).toThrow('no');
  expect(['a', 'b', 'c'].map(tally.of)).toStrictEqual([3, 1, 0]);
});
