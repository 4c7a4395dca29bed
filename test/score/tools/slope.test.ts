/** The growth of a series, as the soak judges it. */
import { expect, it } from 'vitest';
import { minimaOf, slopeOf, type Sample } from './slope.ts';

const series = (values: readonly number[]): readonly Sample[] =>
  values.map((value, at) => ({ at, value }));

it.each([
  ['a constant', [5, 5, 5, 5], 0],
  ['a straight line', [1, 3, 5, 7, 9], 2],
  ['a line that falls', [9, 7, 5], -2],
  ['a line with one wild sample', [0, 1, 2, 900, 4, 5, 6, 7], 1],
  ['noise around a constant', [5, 6, 5, 4, 5, 6, 5, 4, 5], 0],
])('the slope of %s', (_what, values, slope) => {
  expect(slopeOf(series(values))).toBe(slope);
});

it('a single sample has no slope', () => {
  expect(slopeOf(series([1]))).toBeNaN();
});

it('takes the least of each so many, and none of those that are too few', () => {
  expect(minimaOf(series([3, 1, 2, 9, 8, 7, 0]), 3)).toStrictEqual([
    { at: 1, value: 1 },
    { at: 5, value: 7 },
  ]);
});
