/** Vats that are there and have nothing to do. */
import type { KRef } from '@ocap/kernel-utils';
import { counters } from '../tools/counters.ts';
import type { Curve } from '../tools/curve.ts';
import { makeDaemon, type Daemon } from '../tools/daemon.ts';
import type { Bench } from '../tools/row.ts';
import {
  afterStart,
  flat,
  measureAfterStart,
  microsOfCall,
  type AfterStart,
} from './measures.ts';

/** Of one launch. More would make a request no cheaper. */
const BATCH = 100;

/** Returns the root of the first. */
const launchVats = async (
  daemon: Daemon,
  { workspace }: Bench,
  count: number,
): Promise<KRef> => {
  const roots: KRef[] = [];
  for (let left = count; left > 0; left -= BATCH) {
    const config = await counters(workspace, Math.min(left, BATCH), 'shared');
    roots.push((await daemon.launch(config)).rootKref);
  }
  const [root] = roots;
  if (root === undefined) throw Error('nothing was launched');
  return root;
};

export const vats: Curve<keyof AfterStart | 'status'> = {
  id: 'vats',
  of: 'idle vats',
  sizes: [10, 100, 1000, 10_000],
  figures: {
    ...afterStart,
    call: { title: 'processor time of a durable call', ...flat },
    status: {
      title: 'processor time of getStatus, for each vat that it lists',
      ...flat,
    },
  },
  open: async (bench, size) => {
    const daemon = makeDaemon(bench.workspace);
    await daemon.start();
    const root = await launchVats(daemon, bench, size);
    const call = async (): Promise<unknown> =>
      daemon.call('queueMessage', [root, 'increment', []]);
    return {
      measure: async () => {
        const calls = bench.amount(300, 600);
        const measured = await measureAfterStart(daemon, calls, call);
        const status = await microsOfCall(daemon, 20, daemon.getStatus);
        return { ...measured, status: status / size };
      },
      close: daemon.close,
    };
  },
};
