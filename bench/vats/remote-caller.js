/** Calls a counter that it was given, which is in another kernel: so many calls, some of them in flight. */
import { E } from '@endo/eventual-send';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = () => {
  let counter;
  return makeDefaultExo('RemoteCaller', {
    use: (given) => {
      counter = given;
    },

    run: async (calls, inFlight) => {
      let left = calls;
      const worker = async () => {
        while (left > 0) {
          left -= 1;
          await E(counter).increment();
        }
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
    },
  });
};
