/** Keeps objects of another vat, and calls one of them at a time. */
import { E } from '@endo/eventual-send';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  if (!baggage.has('things')) {
    const options = harden({ durable: true });
    baggage.init('things', VatData.makeScalarBigMapStore('things', options));
    baggage.init('held', 0);
  }
  const things = baggage.get('things');
  return makeDefaultExo('Holder', {
    bootstrap: ({ maker }) => baggage.init('maker', maker),

    fetch: async (count) => {
      let held = baggage.get('held');
      for (const thing of await E(baggage.get('maker')).make(count)) {
        things.init(held, thing);
        held += 1;
      }
      baggage.set('held', held);
    },

    increment: async (at) => E(things.get(at)).increment(),
  });
};
