/** Two vats of one subcluster that talk to each other: in turns, and all at once. */
import { withDaemon } from '../tools/daemon.ts';
import { openBareLiveslots } from '../tools/floor-process.ts';
import { interleave } from '../tools/interleave.ts';
import type { Bench, Measured, Row } from '../tools/row.ts';

const measure = async (
  { workspace }: Bench,
  method: 'pingPong' | 'flood',
  times: number,
  rounds: number,
): Promise<Measured> =>
  withDaemon(workspace, async (daemon) => {
    const { rootKref } = await daemon.launch({
      bootstrap: 'caller',
      vats: {
        caller: { bundleSpec: await workspace.bundle('caller') },
        counter: { bundleSpec: await workspace.bundle('counter') },
      },
    });
    await daemon.settle();
    const bare = await openBareLiveslots(workspace);
    const perSecond = (ms: number): number => (times / ms) * 1000;
    const run = async (): Promise<number> => {
      const begun = performance.now();
      await daemon.call('queueMessage', [rootKref, method, [times]]);
      return performance.now() - begun;
    };
    try {
      return await interleave({
        rounds,
        ours: async () => perSecond(await run()),
        floor: async () => perSecond(await bare.time(method, times)),
      });
    } finally {
      await bare.close();
    }
  });

const common = {
  floor: 'the same between two vats in bare liveslots',
  unit: '/s',
} as const;

export const twoVatsRows: readonly Row[] = [
  {
    ...common,
    id: 'ping-pong',
    title: 'round trips between two vats',
    measure: async (bench) =>
      measure(bench, 'pingPong', bench.amount(300, 1000), bench.amount(4, 15)),
  },
  {
    ...common,
    id: 'flood',
    title: 'calls between two vats, 2,000 sent at once',
    measure: async (bench) =>
      measure(bench, 'flood', 2000, bench.amount(3, 10)),
  },
];
