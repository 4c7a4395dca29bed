/** Has two purses of a mint, and moves money from one to the other: once after the other, or all at once. */
import { E } from '@endo/eventual-send';
import { makeDefaultExo } from '@ocap/kernel-utils/exo';

export const buildRootObject = () => {
  let from;
  let to;
  return makeDefaultExo('Trader', {
    bootstrap: async ({ mint }) => {
      const issuer = await E(mint).issuer();
      from = await E(issuer).makePurse('from', 'coins');
      to = await E(issuer).makePurse('to', 'coins');
      await E(mint).issue(from, 1_000_000_000);
    },

    pingPong: async (transfers) => {
      for (let i = 0; i < transfers; i += 1) await E(from).transfer(to, 1);
    },

    flood: async (transfers) => {
      const answers = Array.from({ length: transfers }, () =>
        E(from).transfer(to, 1),
      );
      await Promise.all(answers);
    },
  });
};
