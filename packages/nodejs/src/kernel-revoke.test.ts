import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';

const maker = `
  const kept = makeDefaultExo('Kept', { hi: () => 'hi' });
  return makeDefaultExo('Maker', {
    kept: () => kept,
    other: () => makeDefaultExo('Other', { hi: () => 'other hi' }),
    isKept: (x) => x === kept,
    call: (o) => E(o).hi(),
    hold: (o) => { baggage.has('o') ? baggage.set('o', o) : baggage.init('o', o); },
    callHeld: () => E(baggage.get('o')).hi(),
    slow: async () => { for (let i = 0; i < 1000; i += 1) await null; },
  });`;

describe('revoke (V-20)', () => {
  it('ends a reference for everybody, at once and for good, and no other', async () => {
    const t = await openTestKernel();
    const [one, two] = [await t.launch(maker), await t.launch(maker)];
    const [kept = ''] = (await t.kernel.queueMessage(one, 'kept', [])).slots;
    const [other = ''] = (await t.kernel.queueMessage(one, 'other', [])).slots;
    await t.kernel.setName('kept', kept);
    await t.call(two, 'hold', { '@ref': kept });
    expect(await t.call(two, 'callHeld')).toBe('hi');
    expect(t.kernel.isRevoked('kept')).toBe(false);

    await t.kernel.revoke('kept');
    for (let round = 0; round < 2; round += 1) {
      expect(t.kernel.isRevoked(kept)).toBe(true);
      await expect(t.call('kept', 'hi')).rejects.toThrow(
        /was revoked.*OBJECT_REVOKED/u,
      );
      await expect(t.call(two, 'callHeld')).rejects.toThrow(/OBJECT_REVOKED/u);
      await expect(t.call(two, 'call', { '@ref': 'kept' })).rejects.toThrow(
        /OBJECT_REVOKED/u,
      );
      expect((await t.kernel.describe('kept')).state).toBe('it was revoked');
      if (round === 0) {
        expect(await t.call(other, 'hi')).toBe('other hi');
        await t.reopen();
      }
    }
  });

  it('holds when the vat hands the same object out again', async () => {
    const t = await openTestKernel();
    const root = await t.launch(maker);
    const [kept = ''] = (await t.kernel.queueMessage(root, 'kept', [])).slots;
    await t.kernel.revoke(kept);
    const [again = ''] = (await t.kernel.queueMessage(root, 'kept', [])).slots;
    expect(again).toBe(kept);
    await expect(t.call(again, 'hi')).rejects.toThrow(/OBJECT_REVOKED/u);
    // To its own vat it is still the object that it was.
    expect(await t.call(root, 'isKept', { '@ref': kept })).toBe(true);
  });

  it('stops a message that was queued before', async () => {
    const t = await openTestKernel();
    const root = await t.launch(maker);
    const [kept = ''] = (await t.kernel.queueMessage(root, 'kept', [])).slots;
    // More than are ever under way at a time, so that the last ones still wait.
    const calls = Array.from({ length: 100 }, async () => t.call(root, 'slow'));
    const late = t.call(kept, 'hi');
    const revoked = t.kernel.revoke(kept);
    await expect(late).rejects.toThrow(/OBJECT_REVOKED/u);
    await Promise.all([...calls, revoked]);
  });

  it('lets the object be collected like any other', async () => {
    const t = await openTestKernel({ limits: { leaseMs: 1 } });
    const root = await t.launch(maker);
    await t.kernel.setName('root', root);
    const [other = ''] = (await t.kernel.queueMessage(root, 'other', [])).slots;
    await t.kernel.revoke(other);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    await t.kernel.collectGarbage();
    await t.kernel.pingVat('v1');
    await t.kernel.collectGarbage();
    await t.kernel.pingVat('v1');
    expect(
      t.kernel.executeDBQuery(`SELECT * FROM objects WHERE kref = '${other}'`),
    ).toStrictEqual([]);
  });

  it.each([
    ['ko99', 'REF_UNKNOWN'],
    ['nobody', 'NAME_UNKNOWN'],
  ])('refuses %s', async (target, code) => {
    const t = await openTestKernel();
    await expect(t.kernel.revoke(target)).rejects.toMatchObject({ code });
    expect(() => t.kernel.isRevoked(target)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
