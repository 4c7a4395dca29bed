/** Makes durable objects for others. */
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  if (!baggage.has('kind')) {
    baggage.init('kind', VatData.makeKindHandle('Thing'));
  }
  const makeThing = VatData.defineDurableKind(
    baggage.get('kind'),
    () => ({ count: 0 }),
    {
      increment: ({ state }) => {
        state.count += 1;
        return state.count;
      },
    },
  );
  return makeDefaultExo('Maker', {
    make: (count) => harden(Array.from({ length: count }, makeThing)),
  });
};
