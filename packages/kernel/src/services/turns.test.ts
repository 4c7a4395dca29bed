import { expect, it } from 'vitest';
import { makeTurns } from './turns.ts';

it('takes one of each sender in turn, and of each in order', () => {
  const turns = makeTurns<string>();
  expect(turns.next()).toBeUndefined();
  [1, 2, 3, 4].forEach((item) => turns.add('a', item));
  turns.add('b', 10);
  expect(turns.next()).toBe(1);
  [20, 21].forEach((item) => turns.add('c', item));
  turns.add('a', 5);
  const rest = Array.from({ length: 8 }, () => turns.next());
  expect(rest).toStrictEqual([10, 2, 20, 3, 21, 4, 5, undefined]);
  turns.add('b', 11);
  expect(turns.next()).toBe(11);
  expect(turns.next()).toBeUndefined();
});
