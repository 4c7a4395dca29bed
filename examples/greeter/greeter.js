/**
 * The bootstrap vat. It alone is given a reference to the guest, and decides
 * to hand the guest a reference to itself: from then on they can talk.
 */
import { E } from '@endo/eventual-send';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (
  _vatPowers,
  { greeting = 'Hello' } = {},
  baggage,
) => {
  const greeter = makeDefaultExo('Greeter', {
    /** Runs once in the life of this vat. What it gets must be kept now. */
    bootstrap: async ({ guest }) => {
      baggage.init('guest', guest);
      await E(guest).meet(greeter);
    },

    hello: (name) => `${greeting}, ${name}!`,

    /** Asks the guest, which asks back: two messages, one answer. */
    sendGuest: async (name) => E(baggage.get('guest')).visit(name),
  });
  return greeter;
};
