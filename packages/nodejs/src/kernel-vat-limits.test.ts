import './daemon/lockdown.ts';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { VatConfig } from '@ocap/kernel';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const body = `
  const wait = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
  return makeDefaultExo('Busy', {
    write: (length) => { baggage.init('k' + length, 'x'.repeat(length)); },
    say: (lines) => { for (let i = 0; i < lines; i += 1) console.log('line ' + i); },
    work: (ms) => { wait(ms); return 'done'; },
    spin: () => { for (;;); },
    workAndRead: (ms, key) => { wait(ms); const { length } = baggage.get(key); wait(ms); return length; },
  });`;

const launch = async (
  t: TestKernel,
  limits: VatConfig['limits'],
): Promise<string> => {
  const vat = { bundleSpec: vatSource(body), globals: ['Date'] as const };
  const { rootKref } = await t.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { ...vat, ...(limits === undefined ? {} : { limits }) } },
  });
  return rootKref;
};

/** Nothing of this process goes on meanwhile, and everything of others. */
const standStill = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

describe('limits of one vat', () => {
  it('give it more time than others have, or less', async () => {
    const t = await openTestKernel({ limits: { deliveryMs: 1500 } });
    const patient = await launch(t, { deliveryMs: 20_000 });
    const usual = await launch(t, undefined);
    await expect(t.call(usual, 'spin')).rejects.toThrow(/longer than 1.5 s/u);
    expect(await t.call(patient, 'work', 2500)).toBe('done');
    await t.reopen();
    expect(await t.call(patient, 'work', 2500)).toBe('done');
  }, 20_000);

  it('do not count time in which the daemon stood still', async () => {
    const t = await openTestKernel({ limits: { deliveryMs: 1500 } });
    const root = await launch(t, undefined);
    await t.call(root, 'write', 100_000);
    // So that what is read is with the kernel, and not with the vat.
    await t.reopen();
    expect(await t.call(root, 'work', 0)).toBe('done');
    const answer = t.call(root, 'workAndRead', 500, 'k100000');
    await setTimeout(200);
    standStill(3000);
    expect(await answer).toBe(100_000);
    await expect(t.call(root, 'spin')).rejects.toThrow(/longer than 1.5 s/u);
  });

  it('bound what it keeps, writes in a crank, and says', async () => {
    const t = await openTestKernel();
    const root = await launch(t, {
      vatstoreBytes: 20_000,
      crankBytes: 30_000,
      consoleLinesPerDelivery: 3,
    });
    await expect(t.call(root, 'write', 40_000)).rejects.toThrow(
      /crankBytes \(30000\)/u,
    );
    await expect(t.call(root, 'write', 25_000)).rejects.toThrow(
      /vatstoreBytes \(20000\)/u,
    );
    await t.call(root, 'write', 1000);
    await t.call(root, 'say', 10);
    await t.call(root, 'say', 1);
    const said = t.logged.filter(({ message }) => message.startsWith('line'));
    expect(said).toHaveLength(4);
  });

  it('cannot give it more of the daemon’s memory than others have', async () => {
    const t = await openTestKernel({ limits: { crankBytes: 30_000 } });
    const root = await launch(t, { crankBytes: 1_000_000 });
    await expect(t.call(root, 'write', 40_000)).rejects.toThrow(
      /crankBytes \(30000\)/u,
    );
  });

  it.each([
    [{ deliveryMs: 0 }, /limits\.deliveryMs/u],
    [{ deliveryMs: 1.5 }, /limits\.deliveryMs/u],
    [{ hostHeapBytes: 1 }, /unknown field "hostHeapBytes"/u],
  ])('that make no sense are refused: %j', async (limits, problem) => {
    const t = await openTestKernel();
    await expect(launch(t, limits as VatConfig['limits'])).rejects.toThrow(
      problem,
    );
  });
});
