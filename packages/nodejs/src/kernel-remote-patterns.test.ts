import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import {
  cyclicPatterns,
  methodsOf,
  promisePatterns,
} from './testing/promise-patterns.ts';
import { rowCounts } from './testing/settle-garbage.ts';
import type { TestKernel } from './testing/test-kernel.ts';
import {
  launchTriosAcross,
  type Trio,
  type VatName,
} from './testing/three-vats.ts';

/** Which kernel each vat is in. */
const layouts: readonly (readonly [string, Record<VatName, number>])[] = [
  ['the caller in one kernel, the others in another', { a: 0, b: 1, c: 1 }],
  ['the middle one in another kernel', { a: 0, b: 1, c: 0 }],
  ['each in a kernel of its own', { a: 0, b: 1, c: 2 }],
];

const waiting = (t: TestKernel) => {
  const { promises, inbox, promise_queue: queue } = rowCounts(t);
  const count = (table: string): number =>
    t.kernel.executeDBQuery(`SELECT * FROM ${table}`).length;
  return {
    promises,
    inbox,
    queue,
    outbox: count('remote_outbox'),
    stale: count('stale_names'),
  };
};

const run = async (
  places: Record<VatName, number>,
  patterns: typeof promisePatterns,
  leavesNothing: boolean,
): Promise<void> => {
  const { kernels } = await openLinkedKernels(
    1 + Math.max(...Object.values(places)),
  );
  const homes = kernels.map((t) => ({
    ...t,
    launchSubcluster: t.kernel.launchSubcluster,
  }));
  const home = (name: VatName) => homes[places[name]] as (typeof homes)[number];
  const [a, b, c] = [home('a'), home('b'), home('c')];
  const trios = await launchTriosAcross(
    { a, b, c },
    share,
    methodsOf(patterns),
  );
  for (const [index, [title, , expected]] of patterns.entries()) {
    const trio = trios[index] as Trio;
    expect(await a.call(trio.a.root, 'run'), title).toStrictEqual(expected);
    await b.call(trio.b.root, 'forget');
    await c.call(trio.c.root, 'forget');
    if (leavesNothing) {
      await expect
        .poll(() => kernels.map(waiting), { timeout: 5000, message: title })
        .toStrictEqual(
          kernels.map(() => ({
            promises: 0,
            inbox: 0,
            queue: 0,
            outbox: 0,
            stale: 0,
          })),
        );
    }
    for (const t of kernels) {
      expect(t.kernel.audit().problems, title).toStrictEqual([]);
    }
  }
  for (const t of kernels) {
    await t.kernel.terminateAllVats();
    expect(t.kernel.audit().problems).toStrictEqual([]);
  }
};

describe.each(layouts)('messages among kernels: %s', (_, places) => {
  it('follow every pattern and leave no promise behind', async () => {
    await run(places, promisePatterns, true);
  }, 120_000);

  it('follow every pattern with a cycle', async () => {
    await run(places, cyclicPatterns, false);
  }, 60_000);
});
