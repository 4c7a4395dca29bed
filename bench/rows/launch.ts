/** Launching a subcluster through the socket, while a spare host waits. */
import { counters } from '../tools/counters.ts';
import { withDaemon } from '../tools/daemon.ts';
import { openBareLiveslots } from '../tools/floor-process.ts';
import { interleave } from '../tools/interleave.ts';
import type { Row } from '../tools/row.ts';

const makeRow = (count: number, title: string, maxMs: number): Row => ({
  id: `launch-${count}`,
  title,
  floor: 'as many started in bare liveslots',
  unit: 'ms',
  goal: { kind: 'target', of: 'ours', atMost: maxMs },
  measure: async ({ workspace, amount }) =>
    withDaemon(workspace, async (daemon) => {
      const config = await counters(workspace, count);
      const bare = await openBareLiveslots(workspace);
      const launch = async (): Promise<number> => {
        await daemon.settle();
        const begun = performance.now();
        const { subclusterId } = await daemon.launch(config);
        const ms = performance.now() - begun;
        await daemon.call('terminateSubcluster', { id: subclusterId });
        return ms;
      };
      try {
        return await interleave({
          rounds: amount(5, 15),
          ours: launch,
          floor: async () => bare.time('start', count),
        });
      } finally {
        await bare.close();
      }
    }),
});

export const launchRows: readonly Row[] = [
  makeRow(1, 'launch of one vat, spare host ready', 20),
  makeRow(10, 'launch of ten vats, spare host ready', 60),
];
