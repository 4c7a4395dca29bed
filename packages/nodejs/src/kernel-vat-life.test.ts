import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const worker = `
  if (!baggage.has('n')) baggage.init('n', 0);
  const inc = () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); };
  return makeDefaultExo('Worker', {
    inc,
    get: () => baggage.get('n'),
    make: () => makeDefaultExo('Thing', { hi: () => 'hi' }),
    wait: () => new Promise(() => {}),
    spin() { inc(); for (;;); },
    async spinLater() { inc(); for (;;) await null; },
    bomb() { inc(); const a = []; for (;;) a.push(new Array(1000).fill(a.length)); },
    buffers() { inc(); const a = []; for (;;) { const b = new Uint8Array(32 * 1024 * 1024); b.fill(1); a.push(b); } },
    exit() { inc(); vatPowers.exitVat('done here'); return 'ignored'; },
    fail() { inc(); vatPowers.exitVatWithFailure(Error('cannot go on')); return 'ignored'; },
    reject() { void Promise.reject(Error('late')); return 'fine'; },
    flood(o) { inc(); for (let i = 0; i < 2000; i += 1) E.sendOnly(o).get(); },
    callIt: (o, method) => E(o)[method](),
  });`;

const hostPid = (t: TestKernel, vat: string): number => {
  const found = t.kernel.getStatus().vats.find(({ id }) => id === vat)
    ?.host?.pid;
  if (found === undefined) throw Error(`${vat} has no host`);
  return found;
};

const until = async (test: () => boolean): Promise<void> => {
  while (!test()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
};

describe('a vat that loses its process', () => {
  it('comes back from the last commit on the next message', async () => {
    const t = await openTestKernel();
    const root = await t.launch(worker);
    await t.call(root, 'inc');
    process.kill(hostPid(t, 'v1'), 'SIGKILL');
    await until(() => t.kernel.getStatus().vats[0]?.state === 'asleep');
    expect(await t.call(root, 'inc')).toBe(2);
    expect(t.kernel.getStatus().vats[0]).toMatchObject({
      incarnation: 2,
      state: 'awake',
    });
  });

  it('rejects what only its heap could have answered, and says why (V-11)', async () => {
    const t = await openTestKernel();
    const root = await t.launch(worker);
    const other = await t.launch(worker);
    const {
      slots: [thing = ''],
    } = await t.kernel.queueMessage(root, 'make', []);
    const waiting = t.kernel.queueMessage(root, 'wait', []);
    const onward = t.kernel.queueMessage(other, 'callIt', [
      { '@ref': root },
      'wait',
    ]);
    const outcomes = Promise.allSettled([waiting, onward]);
    await until(() => t.kernel.getStatus().vats[0]?.deliveries === 3);
    await t.kernel.restartVat('v1');
    for (const outcome of await outcomes) {
      expect(String((outcome as PromiseRejectedResult).reason)).toMatch(
        /VAT_RESTARTED/u,
      );
    }
    await expect(t.call(thing, 'hi')).rejects.toThrow(
      /earlier incarnation of vat v1.*\(OBJECT_GONE\)/u,
    );
    await expect(
      t.call(other, 'callIt', { '@ref': thing }, 'hi'),
    ).rejects.toThrow(/OBJECT_GONE/u);
    expect(await t.call(root, 'get')).toBe(0);
  });

  it('answers calls that were queued before a restart of the kernel, in order (V-12)', async () => {
    const t = await openTestKernel();
    const root = await t.launch(worker);
    const ids = Array.from({ length: 200 }, (_, i) => `call-${i}`);
    const ask = async (requestId: string): Promise<string> =>
      (await t.kernel.queueMessage(root, 'inc', [], { requestId })).body;
    const first = Promise.allSettled(ids.map(ask));
    process.kill(hostPid(t, 'v1'), 'SIGKILL');
    await t.reopen();
    await first;
    const answers = await Promise.all(ids.map(ask));
    expect(answers).toStrictEqual(ids.map((_, i) => `#${i + 1}`));
  });
});

describe('a vat that is ended', () => {
  it('leaves nothing behind, and its callers are told', async () => {
    const t = await openTestKernel();
    const root = await t.launch(worker);
    const other = await t.launch(worker);
    const {
      slots: [thing = ''],
    } = await t.kernel.queueMessage(root, 'make', []);
    const waiting = t.kernel
      .queueMessage(root, 'wait', [])
      .catch((e: unknown) => String(e));
    await until(() => t.kernel.getStatus().vats[0]?.deliveries === 2);
    await t.kernel.terminateVat('v1');
    expect(await waiting).toMatch(
      /vat v1 \(main\) was terminated: an operator ended it/u,
    );
    for (const target of [root, thing]) {
      await expect(t.call(target, 'hi')).rejects.toThrow(/OBJECT_GONE/u);
      await expect(
        t.call(other, 'callIt', { '@ref': target }, 'hi'),
      ).rejects.toThrow(/OBJECT_GONE/u);
    }
    expect(t.kernel.getStatus().subclusters.map(({ id }) => id)).toStrictEqual([
      's2',
    ]);
    await t.kernel.terminateSubcluster('s2');
    await t.kernel.clearState();
    // What vats kept is deleted in slices, after their end.
    await until(
      () => t.kernel.executeDBQuery('SELECT * FROM vatstore').length === 0,
    );
    for (const table of [
      'vats',
      'subclusters',
      'objects',
      'promises',
      'clist',
      'vatstore',
      'bundles',
      'leases',
    ]) {
      expect(
        t.kernel.executeDBQuery(`SELECT * FROM ${table}`),
        table,
      ).toStrictEqual([]);
    }
  });

  it('may end itself; the crank counts', async () => {
    const t = await openTestKernel();
    const root = await t.launch(worker);
    await t.call(root, 'exit').catch(() => undefined);
    await expect(t.call(root, 'get')).rejects.toThrow(
      `The object ${root} is gone: the vat v1 (main) was terminated: it ended itself (done here). Ask whoever gave it to you for another. (OBJECT_GONE)`,
    );
    expect(t.kernel.getStatus().vats).toStrictEqual([]);
  });

  it('may end itself with a failure; the crank does not count (V-04)', async () => {
    const t = await openTestKernel();
    const root = await t.launch(worker);
    await expect(t.call(root, 'fail')).rejects.toThrow(
      /ended itself with a failure/u,
    );
    expect(t.kernel.getStatus().vats).toStrictEqual([]);
  });
});

const hostile: [string, Record<string, number>, RegExp][] = [
  ['spin', { deliveryMs: 1500 }, /LIMIT_DEADLINE/u],
  ['spinLater', { deliveryMs: 1500 }, /LIMIT_DEADLINE/u],
  ['bomb', {}, /its process died 2 times/u],
  ['buffers', {}, /its process died 2 times|Array buffer allocation failed/u],
];

describe('a vat that misbehaves', () => {
  it.each(hostile)(
    'in %s is told off; others do not notice; its state stays',
    async (method, limits, problem) => {
      const t = await openTestKernel({ limits });
      const root = await t.launch(worker);
      const other = await t.launch(worker);
      await t.call(root, 'inc');
      const hurt = expect(t.call(root, method)).rejects.toThrow(problem);
      for (let i = 1; i <= 20; i += 1) {
        expect(await t.call(other, 'inc')).toBe(i);
      }
      await hurt;
      const count = await t.call(root, 'get');
      expect(method === 'buffers' ? [1, 2] : [1]).toContain(count);
      await t.reopen();
      expect(await t.call(root, 'get')).toBe(count);
    },
  );

  it('does not keep operators from anything while it spins (V-21)', async () => {
    const t = await openTestKernel({ limits: { pingMs: 100 } });
    const root = await t.launch(worker);
    const other = await t.launch(worker);
    const spinning = [t.call(root, 'spin'), t.call(other, 'spin')].map(
      async (p) => p.catch(String),
    );
    await until(() =>
      t.kernel.getStatus().vats.every(({ state }) => state === 'busy'),
    );
    await expect(t.kernel.pingVat('v1')).rejects.toMatchObject({
      code: 'VAT_BUSY',
    });
    await t.kernel.collectGarbage();
    await t.kernel.terminateVat('v1');
    await t.kernel.terminateAllVats();
    expect((await Promise.all(spinning)).join()).toMatch(
      /terminated.*terminated/u,
    );
    await t.kernel.clearState();
  });

  it('cannot flood: the crank that sends too much does not count', async () => {
    const t = await openTestKernel({ limits: { crankSyscalls: 1000 } });
    const root = await t.launch(worker);
    const other = await t.launch(worker);
    await expect(t.call(root, 'flood', { '@ref': other })).rejects.toThrow(
      /crankSyscalls \(1000\)/u,
    );
    expect(await t.call(other, 'inc')).toBe(1);
    expect(await t.call(root, 'get')).toBe(0);
  });

  it('may leave a rejection unhandled without consequence', async () => {
    const t = await openTestKernel();
    const root = await t.launch(worker);
    expect(await t.call(root, 'reject')).toBe('fine');
    expect(await t.call(root, 'inc')).toBe(1);
    expect(t.kernel.getStatus().vats[0]?.incarnation).toBe(1);
  });
});

describe('placement', () => {
  it.each([
    ['own', 3],
    ['subcluster', 2],
    ['shared', 1],
  ] as const)(
    '%s spreads two subclusters over their hosts',
    async (placement, hosts) => {
      const t = await openTestKernel();
      const vat = { bundleSpec: vatSource(worker), placement };
      await t.kernel.launchSubcluster({
        bootstrap: 'a',
        vats: { a: vat, b: vat },
      });
      await t.kernel.launchSubcluster({ bootstrap: 'a', vats: { a: vat } });
      const pids = t.kernel.getStatus().vats.map(({ host }) => host?.pid);
      expect(new Set(pids).size).toBe(hosts);
    },
  );
});

describe('a vat that kept a great deal', () => {
  const hoarder = `
    if (!baggage.has('map')) baggage.init('map', VatData.makeScalarBigMapStore('map', { durable: true }));
    return makeDefaultExo('Hoarder', { fill: (from, to) => { for (let i = from; i < to; i += 1) baggage.get('map').init(i, i); } });`;

  it('is deleted in slices, also by the next daemon', async () => {
    const t = await openTestKernel();
    const root = await t.launch(hoarder);
    for (let i = 0; i < 6000; i += 2000) {
      await t.call(root, 'fill', i, i + 2000);
    }
    const rows = () =>
      Number(
        t.kernel.executeDBQuery('SELECT count(*) AS n FROM vatstore')[0]?.['n'],
      );
    // So many are made after the answer.
    await until(() => rows() > 6000);
    await t.kernel.terminateVat('v1');
    expect(rows()).toBeGreaterThan(2000);
    await t.reopen();
    await until(() => rows() === 0);
    expect(
      t.kernel.executeDBQuery(`SELECT * FROM meta WHERE key = 'doomed'`),
    ).toStrictEqual([]);
  });
});
