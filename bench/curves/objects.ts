/** Durable objects of one vat, each exported to another that keeps it. */
import type { Curve } from '../tools/curve.ts';
import { makeDaemon } from '../tools/daemon.ts';
import {
  afterStart,
  flat,
  measureAfterStart,
  type AfterStart,
} from './measures.ts';
import { scattered } from './scattered.ts';

/** Of one crank, which may do so many things and no more. */
const BATCH = 1000;

export const objects: Curve<keyof AfterStart> = {
  id: 'objects',
  of: 'exported durable objects',
  sizes: [1000, 10_000, 100_000, 1_000_000],
  figures: {
    ...afterStart,
    call: {
      title:
        'processor time of a durable call of one of them, by way of its holder',
      ...flat,
    },
  },
  open: async ({ workspace, amount }, size) => {
    const daemon = makeDaemon(workspace);
    await daemon.start();
    const { rootKref } = await daemon.launch({
      bootstrap: 'holder',
      vats: {
        holder: { bundleSpec: await workspace.bundle('holder') },
        maker: { bundleSpec: await workspace.bundle('maker') },
      },
    });
    for (let held = 0; held < size; held += BATCH) {
      await daemon.call('queueMessage', [rootKref, 'fetch', [BATCH]]);
    }
    const next = scattered(size);
    return {
      measure: async () =>
        measureAfterStart(daemon, amount(200, 400), async () =>
          daemon.call('queueMessage', [rootKref, 'increment', [next()]]),
        ),
      close: daemon.close,
    };
  },
};
