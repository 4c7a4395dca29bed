import './daemon/lockdown.ts';
import { expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';

// Larger than what travels with a start, so that the host pages through the
// kernel's rows; with many deliveries under way at once these lag behind.
it('an iteration over a large store sees what the deliveries before it wrote', async () => {
  const t = await openTestKernel();
  const root = await t.launch(`
    if (!baggage.has('map')) {
      const fresh = VatData.makeScalarBigMapStore('map', { durable: true });
      for (let i = 0; i < 1500; i += 1) fresh.init('k' + String(i).padStart(6, '0'), 'x'.repeat(100));
      baggage.init('map', fresh);
    }
    const map = baggage.get('map');
    return makeDefaultExo('R', {
      add: (key) => { map.init(key, 'fresh'); },
      drop: (key) => { map.delete(key); },
      count: (prefix) => { let n = 0; for (const key of map.keys()) if (key.startsWith(prefix)) n += 1; return n; },
      has: (key) => map.has(key),
    });`);
  await t.reopen();
  const calls: Promise<unknown>[] = [];
  const expected: unknown[] = [];
  const ask = (answer: unknown, method: string, ...args: unknown[]): void => {
    calls.push(t.call(root, method, ...args));
    expected.push(answer);
  };
  const nothing = { '@undefined': true };
  for (let i = 0; i < 40; i += 1) {
    ask(nothing, 'add', `fresh${i}`);
    ask(i + 1, 'count', 'fresh');
    ask(nothing, 'drop', `k${String(i).padStart(6, '0')}`);
    ask(1500 - (i + 1), 'count', 'k');
    ask(false, 'has', `k${String(i).padStart(6, '0')}`);
  }
  expect(await Promise.all(calls)).toStrictEqual(expected);
});
