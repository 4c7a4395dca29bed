/** Deliveries that write or give up so much that it is done a part at a time, while others have their turns. */
import './daemon/lockdown.ts';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { settleGarbage } from './testing/settle-garbage.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const AT_ONCE = 20;
const limits = { writesAtOnce: AT_ONCE };

/** Each entry is one write. */
const body = `
  if (!baggage.has('map')) baggage.init('map', VatData.makeScalarBigMapStore('map', { durable: true }));
  const map = baggage.get('map');
  return makeDefaultExo('Vat', {
    fill: (from, count) => { for (let i = from; i < from + count; i += 1) map.init(i, i); },
    set: (from, count, value) => { for (let i = from; i < from + count; i += 1) map.set(i, value); },
    fail: (from, count) => { for (let i = from; i < from + count; i += 1) map.set(i, 'no'); throw Error('no'); },
    crash: (from, count) => { for (let i = from; i < from + count; i += 1) map.set(i, 'no'); for (;;); },
    clear: () => { map.clear(); },
    values: () => [...map.values()],
    size: () => map.getSize(),
  });`;

const open = async (more: object = {}) => {
  const t = await openTestKernel({ limits: { ...limits, ...more } });
  // The first delivery also writes the size of the map.
  const root = await t.launch(body);
  await t.call(root, 'fill', 0, 1);
  return { t, root };
};

const lateRows = ({ kernel }: TestKernel): number =>
  Number(
    kernel.executeDBQuery(
      "SELECT count(*) AS n FROM vatstore WHERE key LIKE 'ocap.late.%'",
    )[0]?.['n'],
  );

const upTo = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => i);

/** What the delivery writes beside the entries: the size of the map. */
const BESIDE = 1;

describe('writes that are too many to be made at once', () => {
  it('are counted', async () => {
    const { t, root } = await open();
    await t.call(root, 'fill', 1, AT_ONCE - BESIDE);
    expect(lateRows(t)).toBe(0);
    await t.call(root, 'fill', AT_ONCE, AT_ONCE - BESIDE + 1);
    expect(lateRows(t)).toBe(2);
    await expect.poll(() => lateRows(t)).toBe(0);
  });

  it('are seen by whoever calls next, and after a restart', async () => {
    const { t, root } = await open();
    await t.call(root, 'fill', 1, 500);
    expect(lateRows(t)).toBeGreaterThan(0);
    expect(await t.call(root, 'values')).toStrictEqual(upTo(501));
    await t.call(root, 'fill', 501, 500);
    expect(lateRows(t)).toBeGreaterThan(0);
    // What is stored is all that the next daemon has.
    await t.reopen({ limits });
    expect(lateRows(t)).toBeGreaterThan(0);
    expect(await t.call(root, 'values')).toStrictEqual(upTo(1001));
    expect(lateRows(t)).toBe(0);
  });

  it('do not come over what is written after them', async () => {
    const { t, root } = await open();
    await t.call(root, 'fill', 1, 199);
    await Promise.all([
      t.call(root, 'set', 0, 200, 'one'),
      t.call(root, 'set', 0, 3, 'two'),
      t.call(root, 'set', 197, 3, 'three'),
      t.call(root, 'set', 2, 196, 'four'),
    ]);
    const expected = [
      ...['two', 'two'],
      ...upTo(196).map(() => 'four'),
      ...['three', 'three'],
    ];
    expect(await t.call(root, 'values')).toStrictEqual(expected);
    await t.reopen({ limits });
    expect(await t.call(root, 'values')).toStrictEqual(expected);
  });

  it('are not made if the delivery comes to nothing', async () => {
    const { t, root } = await open({ deliveryMs: 700 });
    await t.call(root, 'fill', 1, 199);
    await expect(t.call(root, 'crash', 0, 200)).rejects.toThrow(/longer/u);
    expect(lateRows(t)).toBe(0);
    expect(await t.call(root, 'values')).toStrictEqual(upTo(200));
  });

  it('count if the method throws, as any other', async () => {
    const { t, root } = await open();
    await t.call(root, 'fill', 1, 199);
    await expect(t.call(root, 'fail', 0, 200)).rejects.toThrow('no');
    await t.reopen({ limits });
    expect(await t.call(root, 'values')).toStrictEqual(
      upTo(200).map(() => 'no'),
    );
  });

  it('may be deletions', async () => {
    const { t, root } = await open();
    await t.call(root, 'fill', 1, 199);
    await t.call(root, 'clear');
    expect(await t.call(root, 'size')).toBe(0);
    await t.reopen({ limits });
    expect(await t.call(root, 'values')).toStrictEqual([]);
  });

  it('go with the vat', async () => {
    const { t, root } = await open();
    await t.call(root, 'fill', 1, 400);
    const [vat] = t.kernel.getStatus().vats;
    await t.kernel.terminateVat(String(vat?.id));
    await expect
      .poll(() => t.kernel.executeDBQuery('SELECT count(*) AS n FROM vatstore'))
      .toStrictEqual([{ n: 0 }]);
  });

  it('are within the cap of the store if they only change what is there', async () => {
    const { t, root } = await open({ vatstoreBytes: 30_000 });
    await t.call(root, 'fill', 1, 199);
    for (let round = 0; round < 5; round += 1) {
      await t.call(root, 'set', 0, 200, round);
    }
    await expect(
      (async () => {
        for (let from = 200; from < 10_000; from += 200) {
          await t.call(root, 'fill', from, 200);
        }
      })(),
    ).rejects.toThrow(/vatstoreBytes/u);
    await t.call(root, 'set', 0, 200, 0);
    await t.call(root, 'clear');
    expect(await t.call(root, 'size')).toBe(0);
  });
});

describe('references that are too many to be given up at once', () => {
  const THINGS = 200;
  const bundleSpec = vatSource(`
    let held = [];
    return makeDefaultExo('Vat', {
      bootstrap: ({ maker }) => { baggage.init('maker', maker); },
      make: (count) => harden(Array.from({ length: count }, (_, i) => makeDefaultExo('Thing ' + i, {}))),
      take: async (count) => { held = await E(baggage.get('maker')).make(count); },
      drop: () => { held = []; },
    });`);

  it.each([
    ['by the same daemon', async () => undefined],
    ['by the next', async (t: TestKernel) => t.reopen({ limits })],
  ])('are given up in parts, %s', async (_, amid) => {
    const t = await openTestKernel({ limits });
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'main',
      vats: {
        main: { placement: 'own', bundleSpec },
        maker: { placement: 'own', bundleSpec },
      },
    });
    const things = (): number =>
      Number(
        t.kernel.executeDBQuery('SELECT count(*) AS n FROM clist')[0]?.['n'],
      );
    const before = things();
    await t.call(rootKref, 'take', THINGS);
    expect(things()).toBeGreaterThan(before + 2 * THINGS - 1);
    await t.call(rootKref, 'drop');
    await t.kernel.collectGarbage();
    while (lateRows(t) === 0) await turn();
    await amid(t);
    await settleGarbage(t);
    expect(lateRows(t)).toBe(0);
    expect(things()).toBeLessThanOrEqual(before);
    expect(t.kernel.audit().problems).toStrictEqual([]);
  });

  it('are given up also by a vat whose store is full', async () => {
    const max = 20_000;
    const t = await openTestKernel({
      limits: { ...limits, vatstoreBytes: max },
    });
    const hoarder = vatSource(`
      let held = [];
      const map = () => VatData.makeScalarBigMapStore('map', { durable: true });
      return makeDefaultExo('Hoarder', {
        bootstrap: ({ maker }) => {
          baggage.init('maker', maker);
          baggage.init('filler', '');
          const few = map();
          few.init('few', 1);
          baggage.init('few', few);
        },
        take: async (count) => { held = await E(baggage.get('maker')).make(count); },
        // What is in the map is deleted when garbage is collected.
        drop: () => { held = []; baggage.set('few', 0); },
        fill: (length) => { baggage.set('filler', 'x'.repeat(length)); },
        filled: () => baggage.get('filler').length,
      });`);
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'main',
      vats: {
        main: { placement: 'own', bundleSpec: hoarder },
        maker: { placement: 'own', bundleSpec },
      },
    });
    const count = (sql: string): number =>
      Number(t.kernel.executeDBQuery(`SELECT ${sql} AS n`)[0]?.['n']);
    const things = (): number => count('(SELECT count(*) FROM clist)');
    const size = (): number =>
      count(
        "(SELECT sum(length(key) + length(value)) FROM vatstore WHERE vat_id = 'v1')",
      );
    const before = things();
    await t.call(rootKref, 'take', THINGS);
    await t.call(rootKref, 'drop');
    await t.call(rootKref, 'fill', 10_000);
    await t.call(rootKref, 'fill', 10_000 + max - size());
    expect(size()).toBe(max);

    await t.kernel.collectGarbage();
    while (lateRows(t) === 0) await turn();
    await settleGarbage(t);
    expect(things()).toBeLessThanOrEqual(before);
    expect(size()).toBeLessThan(max);
    const [vat] = t.kernel.getStatus().vats;
    expect(vat).toMatchObject({ id: 'v1', incarnation: 1 });
    expect(await t.call(rootKref, 'filled')).toBeGreaterThan(10_000);
  });
});
