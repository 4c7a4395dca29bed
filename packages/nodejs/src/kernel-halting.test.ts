import './daemon/lockdown.ts';
import { describe, expect, it, vi } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const fragile = `
  if (!baggage.has('n')) baggage.init('n', 0);
  return makeDefaultExo('Fragile', {
    add: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
    flood: () => { baggage.init('big', 'x'.repeat(50_000)); },
    die: () => { const all = []; for (;;) all.push(new Array(1e6).fill(all)); },
  });`;

describe('a vat that fails again and again (V-14)', () => {
  it('is halted beyond its budget; it keeps its state, and its callers are told', async () => {
    const t = await openTestKernel({
      limits: { restartBudget: 3, crankBytes: 20_000 },
    });
    const root = await t.launch(fragile);
    expect(await t.call(root, 'add')).toBe(1);
    for (let i = 0; i < 3; i += 1) {
      await expect(t.call(root, 'flood')).rejects.toThrow(/crankBytes/u);
      expect(await t.call(root, 'add')).toBe(2 + i);
    }
    await expect(t.call(root, 'flood')).rejects.toThrow(/crankBytes/u);
    for (let round = 0; round < 2; round += 1) {
      await expect(t.call(root, 'add')).rejects.toMatchObject({
        code: 'VAT_HALTED',
        message: expect.stringMatching(
          /failed more than 3 times within 600 s, the last time because .*crankBytes.*restartVat/u,
        ),
      });
      expect(t.kernel.getStatus().vats[0]).toMatchObject({
        state: 'halted',
        halted: expect.stringMatching(/more than 3 times/u),
      });
      await expect(t.kernel.pingVat('v1')).rejects.toThrow(/is halted/u);
      await t.reopen();
    }
    await t.kernel.restartVat('v1');
    expect(t.kernel.getStatus().vats[0]?.state).toBe('awake');
    expect(await t.call(root, 'add')).toBe(5);
    // It has its whole budget again.
    await expect(t.call(root, 'flood')).rejects.toThrow(/crankBytes/u);
    expect(await t.call(root, 'add')).toBe(6);
  });

  it('is not, if the failures lie far apart', async () => {
    const t = await openTestKernel({
      limits: { restartBudget: 1, restartBudgetMs: 1, crankBytes: 20_000 },
    });
    const root = await t.launch(fragile);
    for (let i = 0; i < 4; i += 1) {
      await expect(t.call(root, 'flood')).rejects.toThrow(/crankBytes/u);
    }
    expect(await t.call(root, 'add')).toBe(1);
  });

  it('pays also for the deaths of its process, and others of its host do not', async () => {
    const t = await openTestKernel({
      limits: { restartBudget: 1, hostHeapBytes: 64 * 1024 * 1024 },
    });
    const { vats, rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: {
        a: { bundleSpec: vatSource(fragile) },
        b: { bundleSpec: vatSource(fragile) },
      },
    });
    await expect(t.call(rootKref, 'die')).rejects.toThrow(/died 2 times/u);
    await expect(t.call(rootKref, 'add')).rejects.toThrow(/is halted/u);
    expect(vats).toStrictEqual({ a: 'v1', b: 'v2' });
    const states = t.kernel.getStatus().vats.map(({ state }) => state);
    expect(states[0]).toBe('halted');
    expect(await t.kernel.pingVat('v2')).toBe('pong');
  });
});

const moody = (isGood: boolean): string => `
  if (baggage.has('n') && ${String(!isGood)}) throw Error('not today');
  if (!baggage.has('n')) baggage.init('n', 7);
  return makeDefaultExo('Moody', { n: () => baggage.get('n') });`;

describe('a vat that does not start any more', () => {
  it('is halted after a few tries, and goes on with code that is better', async () => {
    const t = await openTestKernel({ limits: { startAttempts: 2 } });
    const root = await t.launch(moody(false));
    await t.reopen();
    await expect(t.call(root, 'n')).rejects.toThrow(
      /halted: it does not start .*not today/u,
    );
    await expect(t.kernel.restartVat('v1')).rejects.toThrow(/not today/u);
    await t.kernel.upgradeVat('v1', { bundleSpec: vatSource(moody(true)) });
    expect(await t.call(root, 'n')).toBe(7);
    expect(t.kernel.getStatus().vats[0]?.state).toBe('awake');
  });
});

/** Watches a promise durably, and dies of the answer unless it is told not to. */
const watcher = `
  if (!baggage.has('Watcher')) baggage.init('Watcher', VatData.makeKindHandle('Watcher'));
  const { watchPromise } = VatData;
  const makeWatcher = VatData.defineDurableKind(baggage.get('Watcher'), () => ({}), {
    onFulfilled: (_, value) => { if (parameters.dies) { for (;;); } baggage.init('heard', value); },
    onRejected: (_, reason) => { baggage.init('heard', reason.message); } });
  return makeDefaultExo('W', {
    watch: (p) => { watchPromise(p, makeWatcher()); },
    start: async (other) => { watchPromise(E(other).later(), makeWatcher()); },
    heard: () => (baggage.has('heard') ? baggage.get('heard') : 'nothing'),
  });`;
const later = `
  let settle;
  return makeDefaultExo('L', { later: () => new Promise((resolve) => { settle = resolve; }), now: () => settle('it is done') });`;

describe('a notification over which a vat fails', () => {
  it('is not lost: it waits until the vat is better', async () => {
    const t = await openTestKernel({
      limits: { restartBudget: 1, deliveryMs: 2000 },
    });
    const bundleSpec = vatSource(watcher);
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'w',
      vats: { w: { bundleSpec, parameters: { dies: true } } },
    });
    const other = await t.launch(later);
    await t.call(rootKref, 'start', { '@ref': other });
    await t.call(other, 'now');
    await vi.waitFor(
      () => expect(t.kernel.getStatus().vats[0]?.state).toBe('halted'),
      { timeout: 20_000 },
    );
    expect(t.kernel.getStatus().vats[0]?.inbox).toBe(1);
    await t.reopen();
    await t.kernel.upgradeVat('v1', {
      bundleSpec,
      parameters: { dies: false },
    });
    expect(await t.call(rootKref, 'heard')).toBe('it is done');
  }, 30_000);
});
