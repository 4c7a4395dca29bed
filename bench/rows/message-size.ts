/** Texts that a vat is given and gives back: on disk before it has them, as any message. */
import { withDaemon } from '../tools/daemon.ts';
import { openEcho } from '../tools/floor-process.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Row } from '../tools/row.ts';

const makeRow = (
  name: string,
  length: number,
  calls: readonly [quick: number, full: number],
): Row => ({
  id: `size-${name.replace(' ', '')}`,
  title: `calls with ${name} of text there and back`,
  floor: 'bare NDJSON echo of the same text, same client',
  unit: '/s',
  measure: async ({ workspace, amount }) =>
    withDaemon(workspace, async (daemon) => {
      const { rootKref } = await daemon.launch({
        bootstrap: 'echo',
        vats: { echo: { bundleSpec: await workspace.bundle('echo') } },
      });
      await daemon.settle();
      const echo = await openEcho(workspace);
      const params = [rootKref, 'echo', ['text '.repeat(length / 5)]];
      const times = amount(...calls);
      try {
        return await interleave({
          rounds: amount(4, 9),
          ours: async () =>
            rate(times, 1, async () => daemon.call('queueMessage', params)),
          floor: async () =>
            rate(times, 1, async () =>
              echo.client.call('queueMessage', params),
            ),
        });
      } finally {
        await echo.close();
      }
    }),
});

export const sizeRows: readonly Row[] = [
  makeRow('100 B', 100, [100, 500]),
  makeRow('10 kB', 10_000, [100, 300]),
  makeRow('1 MB', 1_000_000, [5, 15]),
];
