/** The same values in another order, as chance has it. */
import type { Random } from '../../support/random.ts';

export const shuffled = <Value>(
  values: readonly Value[],
  random: Random,
): Value[] => {
  const left = [...values];
  return values.flatMap(() =>
    left.splice(random.integer(0, left.length - 1), 1),
  );
};
