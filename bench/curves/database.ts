/** A database that has grown, by what vats keep in it. */
import type { KRef } from '@ocap/kernel-utils';
import type { Curve } from '../tools/curve.ts';
import { makeDaemon } from '../tools/daemon.ts';
import {
  afterStart,
  flat,
  measureAfterStart,
  type AfterStart,
} from './measures.ts';
import { scattered } from './scattered.ts';

const TEXT_BYTES = 4000;
/** 1 MB, of the 8 MiB that one crank may write. */
const TEXTS_OF_CALL = 250;
/** Of the 512 MiB that one vat may have. */
const MB_OF_VAT = 100;

export const database: Curve<keyof AfterStart> = {
  id: 'database',
  of: 'MB in the database',
  sizes: [1, 10, 100, 1000],
  figures: {
    ...afterStart,
    call: {
      title: 'processor time of a call that reads 4 kB and writes them anew',
      ...flat,
    },
  },
  open: async ({ workspace, amount }, size) => {
    const daemon = makeDaemon(workspace);
    await daemon.start();
    const bundleSpec = await workspace.bundle('filler');
    const roots: KRef[] = [];
    const ask = async (root: number, method: string, args: number[]) =>
      daemon.call('queueMessage', [roots[root], method, args]);
    for (let filled = 0; filled < size; filled += 1) {
      if (filled % MB_OF_VAT === 0) {
        const vats = { filler: { bundleSpec } };
        const launched = await daemon.launch({ bootstrap: 'filler', vats });
        roots.push(launched.rootKref);
      }
      await ask(roots.length - 1, 'fill', [TEXTS_OF_CALL, TEXT_BYTES]);
    }
    const next = scattered(Math.min(size, MB_OF_VAT) * TEXTS_OF_CALL);
    return {
      measure: async () =>
        measureAfterStart(daemon, amount(200, 400), async () =>
          ask(0, 'rewrite', [next()]),
        ),
      close: daemon.close,
    };
  },
};
