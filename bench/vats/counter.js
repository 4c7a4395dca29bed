/** The vat that is measured: one durable write for each call, and nothing else. */
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  if (!baggage.has('count')) baggage.init('count', 0);
  return makeDefaultExo('Counter', {
    increment: () => {
      const count = baggage.get('count') + 1;
      baggage.set('count', count);
      return count;
    },
  });
};
