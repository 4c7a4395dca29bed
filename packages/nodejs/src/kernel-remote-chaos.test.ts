/**
 * Three kernels in a ring that call each other while links are cut and kernels
 * end and start again, as chance has it. The seed is printed with a failure.
 */
import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeRandom } from '../../../test/support/random.ts';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const ledger = `
  if (!baggage.has('seen')) baggage.init('seen', harden([]));
  return makeDefaultExo('Ledger', {
    meet: (next) => { baggage.has('next') ? baggage.set('next', next) : baggage.init('next', next); },
    add: (from, n) => { baggage.set('seen', harden([...baggage.get('seen'), [from, n]])); },
    send: (from, n) => { E(baggage.get('next')).add(from, n); },
    thing: () => makeDefaultExo('Thing', { hi: () => 'hi' }),
    borrow: async () => { const thing = await E(baggage.get('next')).thing(); return E(thing).hi(); },
    seen: () => baggage.get('seen'),
  });`;

const ROUNDS = 25;

describe.each([1, 2, 3])('three kernels, seed %i', (seed) => {
  it('lose nothing, double nothing, and keep the order', async () => {
    const random = makeRandom(seed);
    const { network, kernels } = await openLinkedKernels(3);
    const roots = await Promise.all(kernels.map(async (t) => t.launch(ledger)));
    for (const [i, t] of kernels.entries()) {
      const j = (i + 1) % 3;
      const next = await share(kernels[j] as TestKernel, roots[j] ?? '', t);
      await t.call(roots[i] ?? '', 'meet', { '@ref': next });
    }
    const said = [0, 0, 0];
    const say = async (i: number): Promise<void> => {
      const n = (said[i] = (said[i] ?? 0) + 1);
      const t = kernels[i] as TestKernel;
      // The kernel may end before it answers; the id makes a retry harmless.
      for (;;) {
        const done = await t.kernel
          .queueMessage(roots[i] ?? '', 'send', [`k${i}`, n], {
            requestId: `${i}-${n}`,
          })
          .then(
            () => true,
            () => false,
          );
        if (done) {
          return;
        }
        await delay(5);
      }
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const talk = Promise.all([0, 1, 2].map(say));
      const borrowed = (kernels[random.integer(0, 2)] as TestKernel)
        .call(roots[random.integer(0, 2)] ?? '', 'borrow')
        .catch(() => undefined);
      switch (random.integer(1, 5)) {
        case 1:
          network.cut();
          break;
        case 2:
          network.block(true);
          await delay(random.integer(1, 30));
          network.block(false);
          break;
        case 3:
          network.slow(random.integer(0, 8));
          break;
        case 4:
          await (kernels[random.integer(0, 2)] as TestKernel).reopen();
          break;
        default:
      }
      await talk;
      void borrowed;
    }
    network.slow(0);
    for (const [i, t] of kernels.entries()) {
      const from = (i + 2) % 3;
      const expected = Array.from({ length: ROUNDS }, (_, n) => [
        `k${from}`,
        n + 1,
      ]);
      await expect
        .poll(async () => t.call(roots[i] ?? '', 'seen').catch(() => []), {
          timeout: 10_000,
        })
        .toStrictEqual(expected);
    }
    // Whatever was borrowed is given back, and no frame waits any more.
    const left = (t: TestKernel): number =>
      t.kernel.executeDBQuery('SELECT * FROM remote_outbox').length +
      t.kernel.executeDBQuery('SELECT * FROM stale_names').length;
    await expect
      .poll(() => kernels.map(left), { timeout: 10_000 })
      .toStrictEqual([0, 0, 0]);
  }, 60_000);
});
