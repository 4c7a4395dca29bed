/**
 * The smallest program that remembers: its count lives in baggage, so it
 * survives a restart of the vat, of the daemon and of the machine.
 */
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, { start = 0 } = {}, baggage) => {
  // Runs again after every restart, over the same baggage: begin only once.
  if (!baggage.has('count')) baggage.init('count', start);

  return makeDefaultExo('Counter', {
    /** Adds `by` and answers the new count. */
    increment: (by = 1) => {
      const count = baggage.get('count') + by;
      if (!Number.isSafeInteger(count)) {
        throw Error(`cannot count by ${by}: the count would not be an integer`);
      }
      baggage.set('count', count);
      return count;
    },

    read: () => baggage.get('count'),
  });
};
