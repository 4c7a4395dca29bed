/** A vat moves money between two purses of the bank's mint, which is another vat. */
import type { Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';
import { barePair, measureTwoVats } from './two-vats.ts';

const traderAndMint = async (workspace: Workspace) => ({
  bootstrap: 'trader',
  vats: {
    trader: { bundleSpec: await workspace.bundle('trader') },
    mint: { bundleSpec: await workspace.bundle('mint') },
  },
});

const common = {
  floor: 'calls of a counter between two vats in bare liveslots',
  unit: '/s',
} as const;

export const purseRows: readonly Row[] = [
  {
    ...common,
    id: 'purses',
    title: 'transfers between purses of another vat, in turns',
    measure: async (bench) =>
      measureTwoVats(bench, barePair, {
        configOf: traderAndMint,
        method: 'pingPong',
        times: bench.amount(200, 500),
        rounds: bench.amount(4, 9),
      }),
  },
  {
    ...common,
    id: 'purses-flood',
    title: 'transfers between purses of another vat, 2,000 sent at once',
    measure: async (bench) =>
      measureTwoVats(bench, barePair, {
        configOf: traderAndMint,
        method: 'flood',
        times: 2000,
        rounds: bench.amount(3, 7),
      }),
  },
];
