import './daemon/lockdown.ts';
import { expect, it } from 'vitest';
import { openLinkedKernels } from './testing/linked-kernels.ts';
import { call, data, hello } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const FRAMES = 20;
const CALLS_OF_ONE_FRAME = 100;

const holder = `
  let clock;
  return makeDefaultExo('Holder', {
    bootstrap: (vats, services) => { clock = services.clock; },
    now: () => E(clock).now(),
  });`;

it('a peer that calls the gate without end keeps no vat from its services', async () => {
  const { network, kernels, peerIds } = await openLinkedKernels(1);
  const [a] = kernels as [TestKernel];
  const { rootKref } = await a.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { bundleSpec: vatSource(holder) } },
    services: ['clock'],
  });
  const waiting = (): number =>
    Number(
      a.kernel.executeDBQuery(
        `SELECT count(*) AS n FROM inbox WHERE vat_id = 'kernel'`,
      )[0]?.['n'],
    );
  const { link, received } = network.connectAs(
    '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV',
    peerIds[0] ?? '',
  );
  link.send(hello());
  for (let seq = 1; seq <= FRAMES; seq += 1) {
    const calls = Array.from({ length: CALLS_OF_ONE_FRAME }, (_, i) =>
      call('o-0', ['redeem', 'x'], `p+${seq * CALLS_OF_ONE_FRAME + i}`),
    );
    link.send(data(calls, { seq }));
  }
  await expect.poll(waiting).toBeGreaterThan(CALLS_OF_ONE_FRAME);
  expect(await a.call(rootKref, 'now')).toBeTypeOf('number');
  expect(waiting()).toBeGreaterThan(0);
  const answers = (): number =>
    received.join().match(/"p-\d+",true/gu)?.length ?? 0;
  await expect
    .poll(answers, { timeout: 30_000 })
    .toBe(FRAMES * CALLS_OF_ONE_FRAME);
});
