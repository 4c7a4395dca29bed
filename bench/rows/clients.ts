/** Clients that call at once, each with a connection of its own and one call in flight. */
import { makeClient } from '@ocap/nodejs/client';
import { counters } from '../tools/counters.ts';
import { withDaemon } from '../tools/daemon.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Row } from '../tools/row.ts';

const makeRow = (count: number): Row => ({
  id: `clients-${count}`,
  title: `durable calls of ${count} clients together`,
  floor: 'of one client, same daemon',
  unit: '/s',
  // Whoever comes second makes nothing slower for all.
  goal: { kind: 'target', of: 'ratio', atLeast: 1 },
  measure: async ({ workspace, amount }) =>
    withDaemon(workspace, async (daemon) => {
      const { rootKref } = await daemon.launch(await counters(workspace, 1));
      await daemon.settle();
      const { socketPath } = daemon;
      const clients = Array.from({ length: count }, () =>
        makeClient({ socketPath }),
      );
      const callsOf =
        (client: (typeof clients)[number]) => async (): Promise<unknown> =>
          client.call('queueMessage', [rootKref, 'increment', []]);
      const [first] = clients.map(callsOf);
      if (first === undefined) throw Error('no client');
      const each = amount(200, 1000) / count;
      const together = async (): Promise<number> => {
        const rates = clients.map(async (client) =>
          rate(Math.ceil(each), 1, callsOf(client)),
        );
        const begun = performance.now();
        await Promise.all(rates);
        const calls = Math.ceil(each) * count;
        return (calls / (performance.now() - begun)) * 1000;
      };
      try {
        return await interleave({
          rounds: amount(4, 9),
          ours: together,
          floor: async () => rate(amount(100, 300), 1, first),
        });
      } finally {
        for (const client of clients) client.close();
      }
    }),
});

export const clientRows: readonly Row[] = [4, 16, 64].map(makeRow);
