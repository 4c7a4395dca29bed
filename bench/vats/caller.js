/** Calls the counter beside it, one call after the other or all at once. */
import { E } from '@endo/eventual-send';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = () => {
  let counter;
  return makeDefaultExo('Caller', {
    bootstrap: (vats) => {
      ({ counter } = vats);
    },

    pingPong: async (rounds) => {
      for (let i = 0; i < rounds; i += 1) await E(counter).increment();
    },

    flood: async (messages) => {
      const answers = Array.from({ length: messages }, () =>
        E(counter).increment(),
      );
      await Promise.all(answers);
    },
  });
};
