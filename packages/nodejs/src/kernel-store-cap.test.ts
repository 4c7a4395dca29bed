import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';

const hoarder = `
  if (!baggage.has('map')) baggage.init('map', VatData.makeScalarBigMapStore('map', { durable: true }));
  const map = baggage.get('map');
  return makeDefaultExo('Hoarder', {
    put: (key, length) => { const value = 'x'.repeat(length); map.has(key) ? map.set(key, value) : map.init(key, value); },
    drop: (key) => { map.delete(key); },
    keys: () => [...map.keys()],
  });`;

describe('what a vat keeps', () => {
  it('has a cap: up to it all is well, beyond it the crank is undone, and deleting makes room', async () => {
    const max = 100_000;
    const t = await openTestKernel({
      limits: { vatstoreBytes: max, restartBudget: 100 },
    });
    const root = await t.launch(hoarder);
    const size = () =>
      Number(
        t.kernel.executeDBQuery(
          `SELECT sum(length(key) + length(value)) AS n FROM vatstore WHERE vat_id = 'v1'`,
        )[0]?.['n'],
      );
    // As often as it takes to come close to it.
    for (let i = 0; i < 9; i += 1) {
      await t.call(root, 'put', `k${i}`, 10_000);
    }
    // One number more may need one digit more elsewhere: what is left is exact.
    await t.call(root, 'put', 'last', 1000);
    const room = max - size();
    await t.call(root, 'put', 'last', 1000 + room);
    expect(size()).toBe(max);
    for (let round = 0; round < 2; round += 1) {
      await expect(
        t.call(root, 'put', 'last', 1000 + room + 1),
      ).rejects.toThrow(/went beyond the limit vatstoreBytes \(100000\)/u);
      expect(size()).toBe(max);
      await t.reopen();
      // A daemon that has just started looks once the vat grows.
      await expect(t.call(root, 'put', 'more', 9000)).rejects.toThrow(
        /vatstoreBytes/u,
      );
    }
    await t.call(root, 'drop', 'k0');
    await t.call(root, 'put', 'last', 1000 + room + 1);
    expect(await t.call(root, 'keys')).toHaveLength(9);
  });
});
