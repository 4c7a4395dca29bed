/** So many unknown secrets a minute are answered; who guesses gets no further. */
import { fail } from '@ocap/kernel-utils';
import type { Powers } from './powers.ts';

const WINDOW_MS = 60_000;

/** To be called for each that is unknown: who has a real one is never kept from it. @throws LIMIT_REACHED */
export const makeGuesses = (
  powers: Pick<Powers, 'now' | 'limits'>,
  limit: 'urlGuesses' | 'accessGuesses',
  unit: string,
): (() => void) => {
  let wrong: readonly number[] = [];
  return () => {
    const now = powers.now();
    const max = powers.limits[limit];
    wrong = wrong.filter((at) => now - at < WINDOW_MS);
    if (wrong.length >= max) {
      throw fail('LIMIT_REACHED', {
        limit,
        value: wrong.length + 1,
        max,
        unit,
      });
    }
    wrong = [...wrong, now];
  };
};
