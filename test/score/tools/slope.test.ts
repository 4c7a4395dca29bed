/** The growth of a series, as the soak judges it. */
import { expect, it } from 'vitest';
import { minimaOf, slopeBesideRise, slopeOf, type Sample } from './slope.ts';

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

it.each([
  ['one rise, wherever it is', [50, 50, 53, 53, 53, 53], 0],
  ['one rise in the middle', [50, 50, 50, 53, 53, 53], 0],
  ['a line with one rise', [50, 51, 52, 56, 57, 58], 1],
  ['a line', [50, 51, 52, 53, 54, 55], 1],
  ['a rise that is too large', [50, 50, 50, 60, 60, 60], 10 / 4],
  ['a stair', [50, 50, 51, 51, 52, 52, 53, 53, 54, 54], 1 / 2],
  ['noise around a constant', [50, 51, 50, 49, 50, 51, 50, 49, 50], 0],
  ['a constant', [50, 50, 50], 0],
])('beside a rise of a tenth, the slope of %s', (_what, values, slope) => {
  expect(slopeBesideRise(series(values), 0.1)).toBe(slope);
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
