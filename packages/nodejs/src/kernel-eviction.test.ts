import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const worker = `
  if (!baggage.has('n')) baggage.init('n', 0);
  if (!baggage.has('handle')) baggage.init('handle', VatData.makeKindHandle('Durable'));
  const makeDurable = VatData.defineDurableKind(baggage.get('handle'), () => ({}), { hi: () => 'durable hi' });
  return makeDefaultExo('Worker', {
    inc: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
    heap: () => makeDefaultExo('Heap', { hi: () => 'heap hi' }),
    durable: () => makeDurable(),
    wait: () => new Promise(() => {}),
    ask: (other) => E(other).wait(),
    timer: () => { setTimeout(() => baggage.set('n', 100), 200); },
  });`;

const idleMs = 40;
const stateOf = (t: TestKernel, vat: string): string | undefined =>
  t.kernel.getStatus().vats.find(({ id }) => id === vat)?.state;
const untilAsleep = async (t: TestKernel, vat: string): Promise<void> => {
  while (stateOf(t, vat) !== 'asleep') await delay(5);
};
/** Long enough that a vat that may sleep does. */
const longIdle = async (): Promise<void> => {
  await delay(10 * idleMs);
};

describe('a vat that is idle', () => {
  it('sleeps, gives its process back, and wakes with the next message as it was', async () => {
    const t = await openTestKernel({ limits: { idleMs } });
    const root = await t.launch(worker);
    await t.call(root, 'inc');
    await untilAsleep(t, 'v1');
    expect(
      t.kernel.getStatus().hosts.filter(({ spare }) => !spare),
    ).toStrictEqual([]);
    expect(await t.call(root, 'inc')).toBe(2);
    expect(t.kernel.getStatus().vats[0]).toMatchObject({
      incarnation: 2,
      state: 'awake',
    });
  });

  it('may sleep while others hold its durable objects', async () => {
    const t = await openTestKernel({ limits: { idleMs } });
    const root = await t.launch(worker);
    const [durable = ''] = (await t.kernel.queueMessage(root, 'durable', []))
      .slots;
    await untilAsleep(t, 'v1');
    expect(await t.call(durable, 'hi')).toBe('durable hi');
  });

  it('stays awake while somebody can call an object of its heap', async () => {
    const t = await openTestKernel({ limits: { idleMs } });
    const root = await t.launch(worker);
    const [heap = ''] = (await t.kernel.queueMessage(root, 'heap', [])).slots;
    await longIdle();
    expect(await t.call(heap, 'hi')).toBe('heap hi');
    expect(t.kernel.getStatus().vats[0]).toMatchObject({ incarnation: 1 });
  });

  it('stays awake while it owes an answer, or waits for one', async () => {
    const t = await openTestKernel({ limits: { idleMs } });
    const [one, two] = [await t.launch(worker), await t.launch(worker)];
    const asked = t.kernel
      .queueMessage(one, 'ask', [{ '@ref': two }])
      .catch(() => undefined);
    const states = () => [stateOf(t, 'v1'), stateOf(t, 'v2')];
    // They may have fallen asleep before they were asked.
    await expect
      .poll(() =>
        states().filter((one) => /asleep|starting/u.test(String(one))),
      )
      .toStrictEqual([]);
    await longIdle();
    expect(states()).not.toContain('asleep');
    await t.kernel.terminateVat('v2');
    await asked;
    await untilAsleep(t, 'v1');
  });

  it('stays awake while it has timers', async () => {
    const t = await openTestKernel({ limits: { idleMs } });
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'main',
      vats: {
        main: { bundleSpec: vatSource(worker), globals: ['setTimeout'] },
      },
    });
    await t.call(rootKref, 'timer');
    await untilAsleep(t, 'v1');
    expect(await t.call(rootKref, 'inc')).toBe(101);
  });

  it('leaves the other vats of its host alone', async () => {
    const t = await openTestKernel({ limits: { idleMs } });
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: {
        a: { bundleSpec: vatSource(worker) },
        b: { bundleSpec: vatSource(worker) },
      },
    });
    const [heap = ''] = (await t.kernel.queueMessage(rootKref, 'heap', []))
      .slots;
    await untilAsleep(t, 'v2');
    expect(await t.call(heap, 'hi')).toBe('heap hi');
    expect(stateOf(t, 'v1')).not.toBe('asleep');
  });
});

describe('vats of which there are too many', () => {
  const launchMany = async (
    t: TestKernel,
    count: number,
  ): Promise<string[]> => {
    const roots: string[] = [];
    for (let i = 0; i < count; i += 1) roots.push(await t.launch(worker));
    return roots;
  };
  const awake = (t: TestKernel): string[] =>
    t.kernel
      .getStatus()
      .vats.filter(({ state }) => state !== 'asleep')
      .map(({ id }) => id);

  it('share hosts of at most so many vats each', async () => {
    const t = await openTestKernel({ limits: { hostVats: 2 } });
    const vat = { bundleSpec: vatSource(worker), placement: 'shared' as const };
    const hostsOf = async (names: string[]): Promise<number> => {
      await t.kernel.launchSubcluster({
        bootstrap: names[0] ?? '',
        vats: Object.fromEntries(names.map((name) => [name, vat])),
      });
      const pids = t.kernel.getStatus().vats.map(({ host }) => host?.pid);
      return new Set(pids).size;
    };
    expect(await hostsOf(['a', 'b'])).toBe(1);
    expect(await hostsOf(['c'])).toBe(2);
    expect(await hostsOf(['d'])).toBe(2);
  });

  it('are left alone up to the limit, and beyond it those quiet for longest sleep', async () => {
    const t = await openTestKernel({ limits: { awakeVats: 2 } });
    const [first = '', second = ''] = await launchMany(t, 2);
    await t.call(second, 'inc');
    await t.call(first, 'inc');
    // Longer than it takes to notice that there are too many.
    await delay(1500);
    expect(awake(t)).toStrictEqual(['v1', 'v2']);
    await launchMany(t, 1);
    while (awake(t).length > 2) await delay(5);
    expect(awake(t)).toStrictEqual(['v1', 'v3']);
    expect(await t.call(second, 'inc')).toBe(2);
  });

  it('stay awake if their heaps are needed, and others sleep instead', async () => {
    const t = await openTestKernel({ limits: { awakeVats: 2 } });
    const [first = '', second = ''] = await launchMany(t, 2);
    const [heap = ''] = (await t.kernel.queueMessage(first, 'heap', [])).slots;
    await t.call(second, 'inc');
    await launchMany(t, 1);
    while (awake(t).length > 2) await delay(5);
    expect(awake(t)).toStrictEqual(['v1', 'v3']);
    expect(await t.call(heap, 'hi')).toBe('heap hi');
  });
});
