/**
 * Chance that can be repeated: a test that depends on it takes its seed from
 * `OCAP_SEED`, or draws one, and names it in its title.
 */
import { randomInt } from 'node:crypto';

export type Random = Readonly<{
  /** A whole number from `least` to `most`. */
  integer(least: number, most: number): number;
  /** One of the values; there must be one. */
  pick<Value>(values: readonly Value[]): Value;
}>;

export const drawSeed = (): number => {
  const given = process.env['OCAP_SEED'];
  return given === undefined || given === ''
    ? randomInt(2 ** 31)
    : Number(given);
};

/** The generator "mulberry32", which is in the public domain. */
export const makeRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (least: number, most: number): number =>
    least + Math.floor(next() * (most - least + 1));
  return {
    integer,
    pick: (values) => {
      const [first] = values;
      if (first === undefined) throw new Error('nothing to pick from');
      return values[integer(0, values.length - 1)] ?? first;
    },
  };
};
