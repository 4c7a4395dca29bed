import './daemon/lockdown.ts';
import { describe, expect, it, vi } from 'vitest';
import { openMovedClock } from './testing/moved-clock.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

/** Asks for wake-ups, and keeps what it is told. */
const sleeper = `
  if (!baggage.has('Handler')) baggage.init('Handler', VatData.makeKindHandle('Handler'));
  if (!baggage.has('heard')) baggage.init('heard', harden([]));
  const makeHandler = VatData.defineDurableKind(baggage.get('Handler'), () => ({}), {
    wake: (_, due, id) => { baggage.set('heard', harden([...baggage.get('heard'), [due, id]])); } });
  return makeDefaultExo('Sleeper', {
    bootstrap: (_vats, { clock, random }) => { baggage.init('clock', clock); baggage.init('random', random); baggage.init('handler', makeHandler()); },
    now: () => E(baggage.get('clock')).now(),
    at: (due) => E(baggage.get('clock')).wakeAt(due, baggage.get('handler')),
    every: (due, period) => E(baggage.get('clock')).wakeEvery(due, period, baggage.get('handler')),
    fleeting: (due) => E(baggage.get('clock')).wakeAt(due, makeDefaultExo('Fleeting', { wake() {} })),
    cancel: (id) => E(baggage.get('clock')).cancel(id),
    heard: () => baggage.get('heard'),
    facet: async (methods) => { baggage.set('clock', await E(baggage.get('clock')).attenuate(methods)); },
    draw: (method, ...args) => E(baggage.get('random'))[method](...args),
  });`;

const launch = async (t: TestKernel): Promise<string> => {
  const { rootKref } = await t.kernel.launchSubcluster({
    bootstrap: 'main',
    services: ['clock', 'random'],
    vats: { main: { bundleSpec: vatSource(sleeper) } },
  });
  await t.kernel.setName(`n${rootKref}`, rootKref);
  return rootKref;
};

const heard = async (t: TestKernel, root: string, count: number) =>
  vi.waitFor(async () => {
    const all = (await t.call(root, 'heard')) as [number, string][];
    expect(all.length).toBeGreaterThanOrEqual(count);
    return all;
  }, 15_000);

describe('the service clock', () => {
  it('tells the time in whole milliseconds', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const before = Date.now();
    const now = (await t.call(root, 'now')) as number;
    expect(now).toBeGreaterThanOrEqual(before);
    expect(Number.isInteger(now)).toBe(true);
  });

  it('wakes a handler once, at its time, also when that has passed', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const due = Date.now() + 2500;
    const id = await t.call(root, 'at', due);
    const past = await t.call(root, 'at', 1);
    expect(await heard(t, root, 1)).toStrictEqual([[1, past]]);
    expect(await heard(t, root, 2)).toStrictEqual([
      [1, past],
      [due, id],
    ]);
    expect(Date.now()).toBeGreaterThanOrEqual(due);
    expect(t.kernel.executeDBQuery('SELECT * FROM wakeups')).toStrictEqual([]);
  });

  it('wakes at the next start what came due while no daemon ran', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const moveOn = openMovedClock();
    const due = Date.now() + 3_600_000;
    const id = await t.call(root, 'at', due);
    await t.kernel.stop();
    moveOn(7_200_000);
    await t.reopen();
    expect(await heard(t, root, 1)).toStrictEqual([[due, id]]);
    await t.reopen();
    expect(await t.call(root, 'heard')).toHaveLength(1);
  });

  it('wakes again and again, and what was missed comes as one', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const moveOn = openMovedClock();
    const first = Date.now() + 30_000;
    const id = await t.call(root, 'every', first, 60_000);
    await t.kernel.stop();
    moveOn(600_000);
    await t.reopen();
    expect(await heard(t, root, 1)).toStrictEqual([[first, id]]);
    const [row] = t.kernel.executeDBQuery('SELECT due FROM wakeups');
    const next = Number(row?.['due']);
    expect((next - first) % 60_000).toBe(0);
    expect(next).toBeGreaterThan(Date.now());
    expect(next).toBeLessThanOrEqual(Date.now() + 60_000);
    expect(await t.call(root, 'cancel', id)).toBe(true);
    expect(await t.call(root, 'cancel', id)).toBe(false);
    expect(t.kernel.executeDBQuery('SELECT * FROM wakeups')).toStrictEqual([]);
  });

  it('forgets what it owed to a handler that is gone, or through a grant that ended', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const far = Date.now() + 1e9;
    await t.call(root, 'fleeting', far);
    const count = () => t.kernel.executeDBQuery('SELECT * FROM wakeups').length;
    expect(count()).toBe(1);
    const other = await launch(t);
    await t.call(other, 'at', far);
    await t.call(other, 'at', far);
    const [clock] = t.kernel
      .listCaps(other)
      .caps.filter(({ service }) => service === 'clock');
    await t.kernel.revoke(clock?.kref as string);
    expect(count()).toBe(1);
    await t.kernel.terminateSubcluster('s1');
    expect(count()).toBe(0);
  });

  it('lets nobody cancel the wake-ups of another grant, nor ask for too many', async () => {
    const t = await openTestKernel({ limits: { wakeups: 2 } });
    const [one, two] = [await launch(t), await launch(t)];
    const far = Date.now() + 1e9;
    const id = await t.call(one, 'at', far);
    expect(await t.call(two, 'cancel', id)).toBe(false);
    await t.call(two, 'at', far);
    await expect(t.call(two, 'at', far)).rejects.toThrow(
      /wakeups was reached: 3 of at most 2/u,
    );
    await expect(t.call(one, 'at', Number.NaN)).rejects.toThrow(/not a time/u);
    await expect(t.call(one, 'every', far, 1)).rejects.toThrow(/at least 100/u);
  });

  it('can be attenuated to a watch that wakes nobody', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    await t.call(root, 'facet', ['now']);
    expect(await t.call(root, 'now')).toBeTypeOf('number');
    await expect(t.call(root, 'at', 1)).rejects.toThrow(/no method "wakeAt"/u);
  });
});

describe('the service random', () => {
  it('draws what it is asked for, never twice the same', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const draw = async (method: string, ...args: unknown[]) =>
      t.call(root, 'draw', method, ...args);
    const hex = await draw('hex', 16);
    expect(hex).toMatch(/^[0-9a-f]{32}$/u);
    expect(await draw('hex', 16)).not.toBe(hex);
    expect(await draw('uuid')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u,
    );
    const drawn = new Set<unknown>();
    for (let i = 0; i < 60; i += 1) {
      drawn.add(await draw('integer', 3));
    }
    expect([...drawn].sort()).toStrictEqual([0, 1, 2]);
    const fraction = (await draw('fraction')) as number;
    expect(fraction >= 0 && fraction < 1).toBe(true);
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      await expect(draw('integer', wrong)).rejects.toThrow(/whole number/u);
    }
    await expect(draw('hex', 65_537)).rejects.toThrow(/65536/u);
  });
});
