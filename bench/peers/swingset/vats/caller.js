/** What `bench/vats/caller.js` does, for SwingSet. */
import { E, Far } from '@endo/far';

export const buildRootObject = () => {
  let counter;
  return Far('Caller', {
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
