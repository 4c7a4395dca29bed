import { expect, it } from 'vitest';
import { makeUnfinishedFrames } from './unfinished-frames.ts';

const makeLink = (name: string, cuts: string[]) => ({
  cut: () => {
    cuts.push(name);
  },
});

it('cuts nobody at the cap, and who holds most one byte beyond it', () => {
  const cuts: string[] = [];
  const unfinished = makeUnfinishedFrames(100);
  const small = makeLink('small', cuts);
  const large = makeLink('large', cuts);
  unfinished.hold(large, { heldBytes: 60, ...large });
  unfinished.hold(small, { heldBytes: 30, ...small });
  unfinished.hold(small, { heldBytes: 40, ...small });
  expect(cuts).toEqual([]);
  unfinished.hold(small, { heldBytes: 41, ...small });
  expect(cuts).toEqual(['large']);
});

it('counts no more what is finished or released', () => {
  const cuts: string[] = [];
  const unfinished = makeUnfinishedFrames(100);
  const one = makeLink('one', cuts);
  const other = makeLink('other', cuts);
  for (let i = 0; i < 10; i += 1) {
    unfinished.hold(one, { heldBytes: 90, ...one });
    unfinished.hold(one, { heldBytes: 0, ...one });
    unfinished.hold(other, { heldBytes: 90, ...other });
    unfinished.release(other);
  }
  expect(cuts).toEqual([]);
});
