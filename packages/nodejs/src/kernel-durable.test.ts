import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { rowCounts, settleGarbage } from './testing/settle-garbage.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { durableRows } from './testing/durable-rows.ts';
import { vatSource } from './testing/vat-source.ts';

/** The ways to lose a heap. */
const restarts: [string, (t: TestKernel) => Promise<void>][] = [
  ['of the daemon', async (t) => t.reopen()],
  ['of the vat', async (t) => t.kernel.restartVat('v1')],
];

describe.each(restarts)('durable state after a restart %s', (_, restart) => {
  it.each(durableRows)('is what it was: %s', async (_title, body, expected) => {
    const t = await openTestKernel();
    const root = await t.launch(body);
    await t.call(root, 'fill');
    expect(await t.call(root, 'read')).toStrictEqual(expected);
    await settleGarbage(t);
    const rows = rowCounts(t);
    for (let i = 0; i < 3; i += 1) {
      await restart(t);
      expect(await t.call(root, 'read')).toStrictEqual(expected);
    }
    await settleGarbage(t);
    expect(rowCounts(t)).toStrictEqual(rows);
  });
});

describe('what does not outlive its process', () => {
  const leftovers: [string, string][] = [
    [
      'a virtual kind that has no objects',
      `const make = VatData.defineKind('V', () => ({}), { hi: () => 'hi' });
       return makeDefaultExo('R', { use() {} });`,
    ],
    [
      'a virtual object that was in use',
      `const make = VatData.defineKind('V', () => ({}), { hi: () => 'hi' });
       const kept = []; return makeDefaultExo('R', { use() { kept.push(make()); } });`,
    ],
    [
      'a virtual collection with an entry',
      `const store = VatData.makeScalarBigMapStore('s');
       return makeDefaultExo('R', { use() { store.init('k', 'v'); } });`,
    ],
    [
      'a virtual weak collection with an entry',
      `const weak = VatData.makeScalarBigWeakMapStore('w'); const keys = [];
       const make = VatData.defineKind('V', () => ({}), { hi: () => 'hi' });
       return makeDefaultExo('R', { use() { const key = make(); keys.push(key); weak.init(key, 1); } });`,
    ],
    [
      'a durable object that only the heap held',
      `if (!baggage.has('D')) baggage.init('D', VatData.makeKindHandle('D'));
       const make = VatData.defineDurableKind(baggage.get('D'), () => ({}), { hi: () => 'hi' });
       const kept = []; return makeDefaultExo('R', { use() { kept.push(make()); } });`,
    ],
    [
      'a chain of durable objects and collections whose first only the heap held',
      `if (!baggage.has('D')) baggage.init('D', VatData.makeKindHandle('D'));
       const make = VatData.defineDurableKind(baggage.get('D'), (next) => ({ next }), { hi: () => 'hi' });
       const kept = []; return makeDefaultExo('R', { use() {
         const map = VatData.makeScalarBigMapStore('m', { durable: true }); map.init(make(make(undefined)), make(undefined));
         const key = make(map); kept.push(make(key)); } });`,
    ],
    [
      'a durable object of several facets that is a key of a lasting weak collection',
      `if (!baggage.has('D')) { baggage.init('D', VatData.makeKindHandle('D')); baggage.init('W', VatData.makeScalarBigWeakMapStore('W', { durable: true })); }
       const make = VatData.defineDurableKindMulti(baggage.get('D'), (next) => ({ next }), { a: { hi: () => 'a' }, b: { hi: () => 'b' } });
       const kept = []; return makeDefaultExo('R', { use() { const { a, b } = make(make(undefined).a); kept.push(a); baggage.get('W').init(b, make(undefined).b); } });`,
    ],
    [
      'a durable object that was exported, and is recognized by nobody any more',
      `if (!baggage.has('D')) baggage.init('D', VatData.makeKindHandle('D'));
       const make = VatData.defineDurableKind(baggage.get('D'), () => ({}), { hi: () => 'hi', take: (_, x) => 'taken' });
       const kept = []; return makeDefaultExo('R', { async use() { const d = make(); kept.push(d); await E(make()).take(d); } });`,
    ],
    [
      'a durable collection that only the heap held',
      `const store = VatData.makeScalarBigMapStore('s', { durable: true });
       return makeDefaultExo('R', { use() { store.init('k', 'v'); } });`,
    ],
  ];
  it.each(leftovers)('leaves no rows behind: %s', async (_, body) => {
    const t = await openTestKernel();
    const root = await t.launch(body);
    const rowsAfter = async (restartCount: number): Promise<unknown> => {
      for (let i = 0; i < restartCount; i += 1) {
        await t.kernel.restartVat('v1');
        await t.call(root, 'use');
      }
      await settleGarbage(t);
      return rowCounts(t);
    };
    const few = await rowsAfter(2);
    expect(await rowsAfter(5)).toStrictEqual(few);
  });

  it('takes nothing that is still held: by a stored value, or by another vat', async () => {
    const t = await openTestKernel();
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: {
        a: {
          bundleSpec: vatSource(`
            if (!baggage.has('D')) baggage.init('D', VatData.makeKindHandle('D'));
            const make = VatData.defineDurableKind(baggage.get('D'), (n) => ({ n, next: undefined }), { n: ({ state }) => state.n, link: ({ state }, x) => { state.next = x; }, next: ({ state }) => state.next });
            let held;
            return makeDefaultExo('A', {
              bootstrap(vats) { baggage.init('b', vats.b); },
              async make() {
                const given = make(1); const inner = make(2); const moved = make(3); const freed = make(4);
                given.link(inner); baggage.init('moved', moved); baggage.init('gone', freed);
                await E(baggage.get('b')).keep(given);
                baggage.delete('moved'); held = moved; baggage.delete('gone');
              },
              putBack() { baggage.init('moved', held); },
              moved: () => baggage.get('moved').n(),
            });`),
        },
        b: {
          bundleSpec: vatSource(`
            return makeDefaultExo('B', {
              keep(x) { baggage.init('x', x); },
              numbers: async () => [await E(baggage.get('x')).n(), await E(E(baggage.get('x')).next()).n()],
            });`),
        },
      },
    });
    await t.call(rootKref, 'make');
    await t.call(rootKref, 'putBack');
    const b = t.kernel.executeDBQuery(
      `SELECT kref FROM clist WHERE endpoint = 'v2' AND vref = 'o+0'`,
    )[0]?.['kref'] as string;
    for (let i = 0; i < 3; i += 1) {
      await t.kernel.restartVat('v1');
      expect(await t.call(rootKref, 'moved')).toBe(3);
      expect(await t.call(b, 'numbers')).toStrictEqual([1, 2]);
    }
    const objects = t.kernel.executeDBQuery(
      `SELECT key FROM vatstore WHERE vat_id = 'v1' AND key LIKE 'vom.o+d%'`,
    );
    expect(objects).toHaveLength(3);
  });

  it.each(['makeScalarBigMapStore', 'makeScalarBigWeakMapStore'])(
    'holds nothing of another vat any more: an import in a %s of an earlier incarnation',
    async (maker) => {
      const t = await openTestKernel();
      const { rootKref } = await t.kernel.launchSubcluster({
        bootstrap: 'a',
        vats: {
          a: {
            bundleSpec: vatSource(`
              const store = VatData.${maker}('s');
              return makeDefaultExo('A', {
                async bootstrap(vats) { const o = await E(vats.b).make(); '${maker}'.includes('Weak') ? store.init(o, 1) : store.init('k', o); },
              });`),
          },
          b: {
            bundleSpec: vatSource(`
              const things = [];
              return makeDefaultExo('B', { make: () => { things.push(makeDefaultExo('T', {})); return things[0]; } });`),
          },
        },
      });
      await settleGarbage(t);
      await t.kernel.restartVat('v1');
      await settleGarbage(t);
      expect(rootKref).toMatch(/^ko/u);
      expect(
        t.kernel.executeDBQuery(
          `SELECT vref FROM clist WHERE endpoint = 'v1' AND vref LIKE 'o-%' AND kref NOT IN (SELECT kref FROM clist WHERE vref = 'o+0')`,
        ),
      ).toEqual([]);
    },
  );
});

/** Far more than a host is given to begin with. */
const COUNT = 4000;
const big = `
  if (!baggage.has('map')) {
    baggage.init('map', VatData.makeScalarBigMapStore('map', { durable: true }));
    baggage.init('set', VatData.makeScalarBigSetStore('set', { durable: true }));
  }
  const map = baggage.get('map'); const set = baggage.get('set');
  const valueOf = (i) => 'value ' + i + ' ' + 'x'.repeat(20);
  let cursor;
  return makeDefaultExo('Big', {
    fill(from, to) { for (let i = from; i < to; i += 1) { map.init(i, valueOf(i)); set.add('s' + i); } },
    sizes: () => [map.getSize(), set.getSize()],
    check() { let i = 0; for (const [k, v] of map.entries()) { if (k !== i || v !== valueOf(i)) return 'wrong at ' + i + ': ' + k + ' ' + v; i += 1; } return i; },
    keysOfSet() { let n = 0; let last = ''; for (const k of set.keys()) { if (k <= last) return 'out of order: ' + k; last = k; n += 1; } return n; },
    at: (i) => map.get(i),
    deleteOdd() { let n = 0; for (const k of map.keys()) if (k % 2) { map.delete(k); n += 1; } return n; },
    isEven() { let i = 0; for (const [k, v] of map.entries()) { if (k !== 2 * i || v !== valueOf(k)) return 'wrong at ' + i + ': ' + k; i += 1; } return i; },
    deleteAhead() { const seen = []; for (const k of map.keys()) { seen.push(k); if (map.has(k + 2)) map.delete(k + 2); if (seen.length === 200) break; } return seen; },
    growWhile() { try { for (const k of map.keys()) if (k === 100) map.init(101, valueOf(101)); } catch (e) { return e.message; } },
    clear() { map.clear(); set.clear(); },
    // Resumes over restarts: the cursor is a key, in baggage.
    step(count) {
      const after = baggage.has('cursor') ? baggage.get('cursor') : -1;
      let n = 0; let last = after;
      for (const k of map.keys(M.gt(after))) { last = k; n += 1; if (n === count) break; }
      baggage.has('cursor') ? baggage.set('cursor', last) : baggage.init('cursor', last);
      return n;
    },
  });`;

describe('a store larger than what a host is given at start', () => {
  it.each(restarts)(
    'is read, iterated and cleared as if it were all in memory, with restarts %s in between',
    async (_, restart) => {
      // On a machine that is busy, a crank of 10,000 entries takes its time.
      const t = await openTestKernel({ limits: { deliveryMs: 60_000 } });
      const root = await t.launch(big);
      const rows = rowCounts(t)['vatstore'];
      for (let i = 0; i < COUNT; i += 1000) {
        await t.call(root, 'fill', i, i + 1000);
      }
      await restart(t);
      expect(await t.call(root, 'at', 3777)).toMatch(/^value 3777 /u);
      expect(await t.call(root, 'check')).toBe(COUNT);
      await restart(t);
      expect(await t.call(root, 'check')).toBe(COUNT);
      expect(await t.call(root, 'keysOfSet')).toBe(COUNT);
      expect(await t.call(root, 'sizes')).toStrictEqual([COUNT, COUNT]);
      let stepped = 0;
      for (let n = -1; n !== 0; stepped += n) {
        n = Number(await t.call(root, 'step', 1200));
        await restart(t);
      }
      expect(stepped).toBe(COUNT);
      expect(await t.call(root, 'deleteOdd')).toBe(COUNT / 2);
      expect(await t.call(root, 'isEven')).toBe(COUNT / 2);
      await restart(t);
      expect(await t.call(root, 'isEven')).toBe(COUNT / 2);
      expect(await t.call(root, 'deleteAhead')).toStrictEqual(
        Array.from({ length: 200 }, (_entry, i) => i * 4),
      );
      await restart(t);
      expect(await t.call(root, 'growWhile')).toMatch(/during iteration/u);
      expect(await t.call(root, 'at', 101)).toMatch(/^value 101 /u);
      await t.call(root, 'clear');
      await restart(t);
      expect(await t.call(root, 'sizes')).toStrictEqual([0, 0]);
      await settleGarbage(t);
      // The cursor and what an empty pair of stores needs.
      expect(rowCounts(t)['vatstore']).toBe(Number(rows) + 1);
    },
    180_000,
  );
});

const producer = `
  return makeDefaultExo('Producer', {
    // An async generator, and a durable-looking hand-written iterator.
    count: (to) => {
      const steps = (async function* () { try { for (let i = 0; i < to; i += 1) yield i; return 'end'; } finally { closed += 1; } })();
      return makeDefaultExo('Reader', { next: (x) => steps.next(x), return: (x) => steps.return(x), throw: (e) => steps.throw(e) });
    },
    closed: () => closed,
    failing: () => { const steps = (async function* () { yield 1; throw RangeError('dry'); })(); return makeDefaultExo('Reader', { next: () => steps.next() }); },
    echoing: () => { let last = 'none'; return makeDefaultExo('Writer', { next: (x) => { const value = last; last = x; return harden({ done: false, value }); } }); },
  });`;

const consumer = `
  let p;
  const all = async (reader) => { const seen = []; for (;;) { const { done, value } = await E(reader).next(); seen.push(value); if (done) return seen; } };
  const iterate = (reader) => ({ [Symbol.asyncIterator]: () => ({ next: () => E(reader).next(), return: (x) => E(reader).return(x) }) });
  return makeDefaultExo('Consumer', {
    bootstrap(vats) { p = vats.producer; },
    all: async () => all(await E(p).count(5)),
    many: async () => (await all(await E(p).count(500))).length,
    forAwait: async () => { const seen = []; for await (const x of iterate(await E(p).count(100))) { seen.push(x); if (x === 3) break; } return [seen, await E(p).closed()]; },
    ahead: async () => { const r = E(p).count(4); const results = await Promise.all([1, 2, 3, 4, 5, 6].map(() => E(r).next())); return results.map(({ done, value }) => (value === undefined ? done : value)); },
    failing: async () => { const r = E(p).failing(); return [(await E(r).next()).value, await E(r).next().catch((e) => e.message), (await E(r).next()).done]; },
    two: async () => { const [x, y] = await Promise.all([E(p).count(3), E(p).count(3)]); const seen = []; for (const r of [x, y, x, y]) seen.push((await E(r).next()).value); return seen; },
    writes: async () => { const w = E(p).echoing(); const seen = []; for (const x of ['a', 'b', 'c']) seen.push((await E(w).next(x)).value); return seen; },
  });`;

describe('iteration across vats (V-10)', () => {
  const rows: [string, unknown][] = [
    ['all', [0, 1, 2, 3, 4, 'end']],
    ['many', 501],
    ['forAwait', [[0, 1, 2, 3], 3]],
    ['ahead', [0, 1, 2, 3, 'end', true]],
    ['failing', [1, 'dry', true]],
    ['two', [0, 0, 1, 1]],
    ['writes', ['none', 'a', 'b']],
  ];
  it.each(['subcluster', 'own'] as const)(
    'works with readers in another vat, and leaves nothing behind (%s)',
    async (placement) => {
      const t = await openTestKernel();
      const { rootKref } = await t.kernel.launchSubcluster({
        bootstrap: 'consumer',
        vats: {
          consumer: { bundleSpec: vatSource(consumer), placement },
          producer: {
            bundleSpec: vatSource(`let closed = 0; ${producer}`),
            placement,
          },
        },
      });
      await settleGarbage(t);
      const before = rowCounts(t);
      for (const [method, expected] of rows) {
        expect(await t.call(rootKref, method), method).toStrictEqual(expected);
      }
      await settleGarbage(t);
      expect(rowCounts(t)).toStrictEqual(before);
    },
  );
});
