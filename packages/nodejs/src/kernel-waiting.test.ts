import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const sender = vatSource(`
  return makeDefaultExo('Sender', {
    bootstrap: (vats) => { baggage.init('sink', vats.sink); },
    flood: (count, chars) => { for (let i = 0; i < count; i += 1) E(baggage.get('sink')).take('x'.repeat(chars)); return 'sent'; },
    pass: () => E(baggage.get('sink')).hold(),
    queue: (count) => { const p = E(baggage.get('sink')).never(); for (let i = 0; i < count; i += 1) E(p).foo(); return 'sent'; },
    hi: () => 'hi',
  });`);
const sink = vatSource(`
  let free;
  return makeDefaultExo('Sink', {
    hold: () => { free = makePromiseKit(); return free.promise; },
    never: () => new Promise(() => {}),
    take: () => {},
    spin: () => { for (;;); },
  });`);

/** The root of the sender; its sink works off nothing for as long as it spins. */
const launch = async (t: TestKernel) => {
  const { rootKref } = await t.kernel.launchSubcluster({
    bootstrap: 'sender',
    vats: {
      sender: { bundleSpec: sender, placement: 'own' },
      sink: {
        bundleSpec: sink,
        placement: 'own',
        limits: { deliveryMs: 60_000 },
      },
    },
  });
  const [row] = t.kernel.executeDBQuery(
    `SELECT kref FROM objects JOIN vats ON owner = id WHERE vats.name = 'sink'`,
  );
  void t.call(String(row?.['kref']), 'spin').catch(() => undefined);
  return { root: rootKref, sinkRoot: String(row?.['kref']) };
};

describe('what one sender has waiting', () => {
  it('is as much as the limit allows, and one more undoes the crank', async () => {
    const t = await openTestKernel({ limits: { waitingMessages: 20 } });
    const { root } = await launch(t);
    expect(await t.call(root, 'flood', 20, 1)).toBe('sent');
    await expect(t.call(root, 'flood', 1, 1)).rejects.toThrow(
      /waitingMessages \(20\)/u,
    );
    // It can still do whatever sends nothing, and others can send.
    expect(await t.call(root, 'hi')).toBe('hi');
    const other = await t.kernel.launchSubcluster({
      bootstrap: 'sender',
      vats: { sender: { bundleSpec: sender } },
    });
    expect(await t.call(other.rootKref, 'hi')).toBe('hi');
    expect(t.kernel.audit().problems).toStrictEqual([]);
  });

  it('counts by its size too, and behind promises', async () => {
    const t = await openTestKernel({
      limits: { waitingMessages: 20, waitingBytes: 10_000 },
    });
    const { root } = await launch(t);
    await expect(t.call(root, 'flood', 11, 1000)).rejects.toThrow(
      /waitingBytes \(10000\)/u,
    );
    expect(await t.call(root, 'flood', 9, 1000)).toBe('sent');
    expect(await t.call(root, 'queue', 5)).toBe('sent');
    await expect(t.call(root, 'queue', 6)).rejects.toThrow(/waitingMessages/u);
  });

  it('still counts after a restart, until it is worked off', async () => {
    const t = await openTestKernel({ limits: { waitingMessages: 20 } });
    const { root, sinkRoot } = await launch(t);
    expect(await t.call(root, 'queue', 18)).toBe('sent');
    await t.reopen();
    // The vat that spins is told to anew, and so what waits is where it was.
    await expect(t.call(root, 'queue', 3)).rejects.toThrow(/waitingMessages/u);
    await t.kernel.terminateVat(
      String(
        t.kernel.executeDBQuery(
          `SELECT owner FROM objects WHERE kref = '${sinkRoot}'`,
        )[0]?.['owner'],
      ),
    );
    expect(await t.call(root, 'queue', 10)).toBe('sent');
    expect(t.kernel.audit().problems).toStrictEqual([]);
  });

  it('is bounded for clients as well', async () => {
    const t = await openTestKernel({ limits: { waitingMessages: 20 } });
    const { sinkRoot } = await launch(t);
    // One is under way already: to spin.
    const calls = Array.from({ length: 19 }, async () =>
      t.call(sinkRoot, 'take').catch(String),
    );
    await expect(t.call(sinkRoot, 'take')).rejects.toThrow(
      /waitingMessages was reached: 21 of at most 20/u,
    );
    await t.kernel.terminateAllVats();
    expect(await Promise.all(calls)).toHaveLength(19);
  });

  it('includes the answers that it has not heard yet', async () => {
    const t = await openTestKernel({ limits: { waitingMessages: 50 } });
    const root = await t.launch(`
      return makeDefaultExo('Busy', {
        bootstrap: () => {},
        flood: (dead, count) => { for (let i = 0; i < count; i += 1) E(dead).hi(); return 'sent'; },
      });`);
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'sender',
      vats: { sender: { bundleSpec: sender } },
    });
    const ref = { '@ref': rootKref };
    expect(await t.call(root, 'flood', ref, 40)).toBe('sent');
    // From now on each message comes back at once, as news of its result.
    await t.kernel.revoke(rootKref);
    await expect(t.call(root, 'flood', ref, 51)).rejects.toThrow(
      /waitingMessages \(50\)/u,
    );
    expect(await t.call(root, 'flood', ref, 40)).toBe('sent');
  });
});
