/** A vat that knows nobody until somebody introduces it. */
import { E } from '@endo/eventual-send';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, _parameters, baggage) =>
  makeDefaultExo('Guest', {
    meet: (greeter) => {
      // A reference to another vat's object can be kept in baggage.
      baggage.init('greeter', greeter);
    },

    visit: async (name) => {
      const heard = await E(baggage.get('greeter')).hello(name);
      return `the guest heard "${heard}"`;
    },
  });
