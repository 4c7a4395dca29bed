/** Takes objects of another vat, and lets go of all of them. */
import { E } from '@endo/eventual-send';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  let held = [];
  return makeDefaultExo('Hoarder', {
    bootstrap: ({ maker }) => baggage.init('maker', maker),
    take: async (count) => {
      held.push(...(await E(baggage.get('maker')).make(count)));
    },
    make: (count) =>
      harden(Array.from({ length: count }, () => makeDefaultExo('Thing', {}))),
    drop: () => {
      held = [];
    },
  });
};
