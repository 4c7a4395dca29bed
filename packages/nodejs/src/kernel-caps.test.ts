import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import type { ClusterConfig } from '@ocap/kernel';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

/** Keeps what it is given, calls it, and passes it on. */
const keeper = `
  const get = () => baggage.get('thing');
  return makeDefaultExo('Keeper', {
    bootstrap: (_vats, services) => { if (services.clock) baggage.init('thing', services.clock); },
    keep: (thing) => { baggage.has('thing') ? baggage.set('thing', thing) : baggage.init('thing', thing); },
    drop: () => { baggage.delete('thing'); },
    use: () => E(get()).use(),
    now: () => E(get()).now(),
    give: (to) => E(to).keep(get()),
    ask: async (from) => { baggage.set('thing', await E(from).hand()); },
    hand: () => get(),
  });`;
const bank = `
  if (!baggage.has('Purse')) baggage.init('Purse', VatData.makeKindHandle('Purse'));
  const makePurse = VatData.defineDurableKind(baggage.get('Purse'), () => ({}), { use: () => 'used' });
  let block;
  return makeDefaultExo('Bank', {
    open: () => { baggage.init('purse', makePurse()); return baggage.get('purse'); },
    block: () => new Promise((resolve) => { block = resolve; }),
    unblock: () => block(),
  });`;

type Scene = TestKernel & { purse: string; roots: Record<string, string> };

/** Four subclusters: a bank with a purse, and three keepers. */
const openScene = async (): Promise<Scene> => {
  const t = await openTestKernel();
  const roots: Record<string, string> = {};
  const bankRoot = await t.launch(bank);
  for (const name of ['alice', 'bob', 'carol']) {
    roots[name] = await t.launch(keeper);
    await t.kernel.setName(name, roots[name]);
  }
  const answer = await t.kernel.queueMessage(bankRoot, 'open', []);
  const purse = answer.slots[0] as string;
  await t.kernel.setName('purse', purse);
  return Object.assign(t, { purse, roots });
};

/** The grants of the purse. */
const grantsOf = (t: Scene, name: string) =>
  t.kernel.listCaps(name).caps.find(({ kref }) => kref === t.purse)?.grants ??
  [];
const ref = (name: string) => ({ '@ref': name });
const revoked = /OBJECT_REVOKED/u;

describe('grants of objects to subclusters (V-20)', () => {
  it('are listed with who gave them, how, and when', async () => {
    const t = await openScene();
    const before = Date.now();
    await t.call('alice', 'keep', ref('purse'));
    await t.call('alice', 'give', ref('bob'));
    const { subclusterId, vats, caps } = t.kernel.listCaps('bob');
    expect({ subclusterId, vats }).toStrictEqual({
      subclusterId: 's3',
      vats: [{ id: 'v3', name: 'main', globals: [] }],
    });
    const [held] = caps;
    expect(caps).toHaveLength(1);
    expect(held).toMatchObject({
      kref: t.purse,
      heldBy: ['v3'],
      names: ['purse'],
      state: 'live',
      owner: { vat: 'v1', name: 'main', subclusterId: 's1' },
      origin: 'grants',
      grants: [{ giver: 's2', via: 'an argument of keep', revoked: false }],
    });
    expect(held?.grants[0]?.at).toBeGreaterThanOrEqual(before);
    expect(t.kernel.listCaps('v2').caps).toMatchObject([
      { kref: t.roots['bob'], grants: [{ giver: 'client' }] },
      { kref: t.purse, grants: [{ giver: 'client' }] },
    ]);
    // What stays among its own vats is no grant of anybody.
    expect(grantsOf(t, 's1')).toStrictEqual([]);
  });

  it('end one by one, with all that was derived from them, for good', async () => {
    const t = await openScene();
    await t.call('alice', 'keep', ref('purse'));
    await t.call('alice', 'give', ref('bob'));
    await t.call('bob', 'give', ref('carol'));
    await t.kernel.queueMessage('carol', 'keep', [ref('purse')]);
    const [toAlice] = grantsOf(t, 'alice');
    await t.kernel.revoke(toAlice?.id as string);
    for (let round = 0; round < 2; round += 1) {
      expect(t.kernel.isRevoked(toAlice?.id as string)).toBe(true);
      await expect(t.call('alice', 'use')).rejects.toThrow(revoked);
      await expect(t.call('bob', 'use')).rejects.toThrow(revoked);
      // She has it from the operator as well.
      expect(await t.call('carol', 'use')).toBe('used');
      expect(await t.call('purse', 'use')).toBe('used');
      await t.reopen();
    }
    expect(t.kernel.listCaps('bob').caps[0]).toMatchObject({
      state: 'it was revoked',
      grants: [{ giver: 's2', revoked: true }],
    });
  });

  it('end for those who then have it only from each other', async () => {
    const t = await openScene();
    await t.call('alice', 'keep', ref('purse'));
    await t.call('alice', 'give', ref('bob'));
    await t.call('bob', 'give', ref('carol'));
    await t.call('carol', 'give', ref('bob'));
    await t.kernel.revoke(grantsOf(t, 'alice')[0]?.id as string);
    await expect(t.call('bob', 'use')).rejects.toThrow(revoked);
    await expect(t.call('carol', 'use')).rejects.toThrow(revoked);
  });

  it('cannot be had back by dropping and asking again, nor be passed on', async () => {
    const t = await openScene();
    await t.call('alice', 'keep', ref('purse'));
    await t.call('bob', 'keep', ref('purse'));
    await t.call('bob', 'ask', ref('alice'));
    for (const { id } of grantsOf(t, 'bob')) {
      if (
        id !== grantsOf(t, 'bob').find(({ via }) => via.endsWith('ask'))?.id
      ) {
        await t.kernel.revoke(id);
      }
    }
    await expect(t.call('bob', 'use')).rejects.toThrow(revoked);
    await t.call('bob', 'drop');
    await t.kernel.collectGarbage();
    await t.kernel.restartVat('v3');
    await t.call('alice', 'give', ref('bob'));
    await expect(t.call('bob', 'use')).rejects.toThrow(revoked);
    await t.call('bob', 'give', ref('carol'));
    await expect(t.call('carol', 'use')).rejects.toThrow(revoked);
    // Only the operator, who has revoked it, can grant it anew.
    await t.call('bob', 'keep', ref('purse'));
    expect(await t.call('bob', 'use')).toBe('used');
    await expect(t.call('carol', 'use')).rejects.toThrow(revoked);
  });

  it('end also for a message that was sent and not yet delivered', async () => {
    const t = await openScene();
    await t.call('alice', 'keep', ref('purse'));
    const [grant] = grantsOf(t, 'alice');
    const calls = Promise.allSettled(
      Array.from({ length: 200 }, async () => t.call('alice', 'use')),
    );
    await t.kernel.revoke(grant?.id as string);
    const outcomes = await calls;
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected' });
    await expect(t.call('alice', 'use')).rejects.toThrow(revoked);
  });

  it('that were never revoked leave no rows when they are dropped', async () => {
    const t = await openScene();
    for (let i = 0; i < 3; i += 1) {
      await t.call('alice', 'keep', ref('purse'));
      await t.call('alice', 'drop');
      await t.kernel.restartVat('v2');
      await t.call('alice', 'drop').catch(() => undefined);
    }
    expect(t.kernel.executeDBQuery('SELECT * FROM caps')).toStrictEqual([]);
  });

  it('of a service can end for whoever got it second-hand, and not for its grantee', async () => {
    const t = await openTestKernel();
    const config: ClusterConfig = {
      bootstrap: 'main',
      services: ['clock'],
      vats: { main: { bundleSpec: vatSource(keeper) } },
    };
    const first = (await t.kernel.launchSubcluster(config)).rootKref;
    const second = await t.launch(keeper);
    await t.call(first, 'give', ref(second));
    expect(await t.call(second, 'now')).toBeTypeOf('number');
    const [cap] = t.kernel.listCaps(second).caps;
    expect(cap).toMatchObject({
      service: 'clock',
      origin: 'grants',
      grants: [{ giver: 's1' }],
    });
    await t.kernel.revoke(cap?.grants[0]?.id as string);
    await expect(t.call(second, 'now')).rejects.toThrow(revoked);
    expect(await t.call(first, 'now')).toBeTypeOf('number');
    expect(t.kernel.listCaps(first).caps.map(({ origin }) => origin)).toContain(
      'launch',
    );
    // Revoking the grant itself ends it for both.
    await t.kernel.revoke(cap?.kref as string);
    await expect(t.call(first, 'now')).rejects.toThrow(revoked);
  });

  it('are refused an id that there is not', async () => {
    const t = await openScene();
    await expect(t.kernel.revoke('g99')).rejects.toThrow(/no grant g99/u);
    expect(() => t.kernel.isRevoked('g99')).toThrow(/no grant g99/u);
    await expect(t.kernel.setName('g1', 'purse')).rejects.toThrow(
      /cannot be a name/u,
    );
  });
});
