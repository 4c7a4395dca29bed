/** A durable map of 10,000 entries, of which each call reads or writes one. */
import { withDaemon } from '../tools/daemon.ts';
import { openBareLiveslots } from '../tools/floor-process.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Row } from '../tools/row.ts';

const ENTRIES = 10_000;
/** Of one crank, which may not do more than 20,000 things. */
const BATCH = 2500;

const makeRow = (method: 'get' | 'set', title: string): Row => ({
  id: `map-${method}`,
  title: `${title}, 100 in flight`,
  floor: 'the same calls in bare liveslots',
  unit: '/s',
  measure: async ({ workspace, amount }) =>
    withDaemon(workspace, async (daemon) => {
      const { rootKref } = await daemon.launch({
        bootstrap: 'map',
        vats: { map: { bundleSpec: await workspace.bundle('map') } },
      });
      for (let filled = 0; filled < ENTRIES; filled += BATCH) {
        await daemon.call('queueMessage', [rootKref, 'fill', [BATCH]]);
      }
      await daemon.settle();
      const bare = await openBareLiveslots(workspace);
      await bare.time('map-fill', ENTRIES);
      const calls = amount(1000, 4000);
      try {
        return await interleave({
          rounds: amount(4, 9),
          ours: async () =>
            rate(calls, 100, async () =>
              daemon.call('queueMessage', [rootKref, method, []]),
            ),
          floor: async () =>
            (calls / (await bare.time(`map-${method}`, calls))) * 1000,
        });
      } finally {
        await bare.close();
      }
    }),
});

export const mapRows: readonly Row[] = [
  makeRow('get', 'reading one of 10,000 entries of a durable map'),
  makeRow('set', 'writing one of 10,000 entries of a durable map'),
];
