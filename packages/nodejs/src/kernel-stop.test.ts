/** A kernel that is stopped while its vats are at work: what comes from them after that is nobody's business. */
import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const bundleSpec = vatSource(`
  const flood = (count) => {
    for (let i = 0; i < count; i += 1) E(baggage.get('peer')).take().then(() => flood(1));
  };
  return makeDefaultExo('Vat', {
    bootstrap: ({ peer }) => { baggage.init('peer', peer); },
    flood,
    take: () => {},
  });`);

it('ends without a word when vats do not pause', async () => {
  const fatal: unknown[] = [];
  const onFatal = (error: unknown): void => void fatal.push(error);
  const t = await openTestKernel({ onFatal });
  const { rootKref } = await t.kernel.launchSubcluster({
    bootstrap: 'flooder',
    vats: {
      flooder: { placement: 'own', bundleSpec },
      peer: { placement: 'own', bundleSpec },
    },
  });
  for (let round = 0; round < 3; round += 1) {
    await t.call(rootKref, 'flood', 200);
    await t.reopen({ onFatal });
    // Longer than what was left for later would have waited.
    await delay(200);
  }
  expect(fatal).toStrictEqual([]);
});
