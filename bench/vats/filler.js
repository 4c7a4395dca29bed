/** Fills the database with texts, and writes one of them anew at each call. */
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  if (!baggage.has('texts')) {
    const options = harden({ durable: true });
    baggage.init('texts', VatData.makeScalarBigMapStore('texts', options));
  }
  const texts = baggage.get('texts');
  return makeDefaultExo('Filler', {
    fill: (count, length) => {
      const first = texts.getSize();
      for (let i = first; i < first + count; i += 1) {
        texts.init(i, `${i} `.padEnd(length, 'text '));
      }
    },

    rewrite: (at) => {
      const text = texts.get(at);
      texts.set(at, `${text.slice(1)}${text[0]}`);
    },
  });
};
