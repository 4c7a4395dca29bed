/** So many of the values, as chance has it, in their order. */
import type { Random } from '../../support/random.ts';

export const sample = <Value>(
  values: readonly Value[],
  count: number,
  random: Random,
): readonly Value[] => {
  const left = [...values.keys()];
  while (left.length > count) {
    left.splice(random.integer(0, left.length - 1), 1);
  }
  return left.flatMap((index) => values.slice(index, index + 1));
};
