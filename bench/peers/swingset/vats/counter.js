/** What `bench/vats/counter.js` does, for SwingSet: one durable write for each call. */
import { Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  if (!baggage.has('count')) baggage.init('count', 0);
  return Far('Counter', {
    increment: () => {
      const count = baggage.get('count') + 1;
      baggage.set('count', count);
      return count;
    },
  });
};
