/** A durable map: each call reads or writes one entry. */
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  if (!baggage.has('entries')) {
    const options = harden({ durable: true });
    baggage.init('entries', VatData.makeScalarBigMapStore('entries', options));
  }
  const entries = baggage.get('entries');
  let size = entries.getSize();
  let last = 0;
  /** Far from the one before: a cache that knows that one does not know it. */
  const next = () => {
    last = (last + 7919) % size;
    return last;
  };
  return makeDefaultExo('Map', {
    fill: (count) => {
      for (let i = 0; i < count; i += 1) entries.init(size + i, 0);
      size += count;
    },
    get: () => entries.get(next()),
    set: () => {
      const key = next();
      entries.set(key, entries.get(key) + 1);
    },
  });
};
