import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  introductions,
  openIntroduced,
  sentBy,
  shortcuts,
  shortened,
} from './testing/introduced.ts';
import { settleGarbage } from './testing/settle-garbage.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const upTo = (count: number): number[] =>
  Array.from({ length: count }, (_, n) => n);

const count = (t: TestKernel, table: string): number =>
  t.kernel.executeDBQuery(`SELECT * FROM ${table}`).length;

describe('an object that one kernel passes from a second to a third', () => {
  it('is reached by the third when the first is gone, also after a restart', async () => {
    const i = await openIntroduced();
    await i.make('x');
    await i.give('x');
    expect(await i.use('x', 'label')).toBe('x');
    await shortened(i);
    await i.a.kernel.stop();
    expect(await i.use('x', 'label')).toBe('x');
    await i.c.reopen();
    expect(await i.use('x', 'label')).toBe('x');
    await i.b.reopen();
    expect(await i.use('x', 'label')).toBe('x');
    expect(shortcuts(i.c)).toBe(1);
    await i.a.reopen();
  }, 60_000);

  it('is the owner’s own when it comes home, and the same by every way', async () => {
    const i = await openIntroduced();
    await i.make('x');
    await i.give('x');
    await shortened(i);
    const { c, roots, introducerAtC } = i;
    const kref = await c.kernel.queueMessage(roots.c, 'get', ['x']);
    const x = { '@ref': String(kref.slots[0]) };
    expect(await i.use('x', 'is', x)).toBe(true);
    expect(
      (await c.kernel.queueMessage(roots.c, 'callIt', ['x', 'self'])).slots,
    ).toStrictEqual(kref.slots);
    expect(
      (await c.kernel.queueMessage(roots.c, 'callIt', ['x', 'echo', x])).slots,
    ).toStrictEqual(kref.slots);
    // To the introducer and back.
    await c.call(introducerAtC, 'keep', 'back', x);
    expect(await c.call(introducerAtC, 'same', 'x', 'back')).toBe(true);
    expect(
      (await c.kernel.queueMessage(introducerAtC, 'get', ['back'])).slots,
    ).toStrictEqual(kref.slots);
    expect(count(i.a, 'shortcuts')).toBe(0);
  }, 60_000);

  it('is described as its owner’s', async () => {
    const i = await openIntroduced();
    await i.make('x');
    await i.give('x');
    await shortened(i);
    const { slots } = await i.c.kernel.queueMessage(i.roots.c, 'get', ['x']);
    const kref = String(slots[0]);
    expect(await i.c.kernel.describe(kref)).toMatchObject({
      peer: i.peerIds[1],
      state: 'live',
      methods: expect.arrayContaining(['label']) as unknown,
    });
    const { caps } = i.c.kernel.listCaps(i.roots.c);
    expect(caps.find((cap) => cap.kref === kref)).toMatchObject({
      peer: i.peerIds[1],
      state: 'live',
    });
    const [from] = i.c.kernel.executeDBQuery(
      `SELECT id FROM remotes WHERE peer_id = '${i.peerIds[0]}'`,
    );
    expect(caps.find((cap) => cap.kref === kref)?.grants).toMatchObject([
      { giver: from?.['id'], revoked: false },
    ]);
  }, 60_000);

  it('is reached through the first while the third has it from elsewhere', async () => {
    const i = await openIntroduced();
    await i.make('x');
    const { slots } = await i.a.kernel.queueMessage(i.roots.a, 'get', ['x']);
    const { url } = await i.a.kernel.issueOcapURL(String(slots[0]));
    expect(url).toContain(i.peerIds[0]);
    const { slots: atB } = await i.b.kernel.queueMessage(i.roots.b, 'make', [
      'y',
    ]);
    const y = String(atB[0]);
    const direct = await i.c.kernel.redeemOcapURL(
      (await i.b.kernel.issueOcapURL(y)).url,
    );
    await i.c.call(i.roots.c, 'keep', 'direct', { '@ref': direct });
    const yAtA = await i.a.kernel.redeemOcapURL(
      (await i.b.kernel.issueOcapURL(y)).url,
    );
    await i.a.call(i.roots.a, 'keep', 'y', { '@ref': yAtA });
    await i.give('y');
    await expect
      .poll(() => introductions(i.a).filter(({ token }) => token === null))
      .toHaveLength(1);
    expect(shortcuts(i.c)).toBe(0);
    expect(await i.use('y', 'label')).toBe('y');
    expect(await i.use('direct', 'label')).toBe('y');
    await expect.poll(() => count(i.b, `urls WHERE peer IS NOT NULL`)).toBe(0);
  }, 60_000);

  it('is reached without all those before when it is passed on and on', async () => {
    const i = await openIntroduced();
    await i.make('x');
    await i.give('x');
    await shortened(i);
    // Back to the owner's kernel, to a vat that has it only from the third.
    const other = await i.b.launch(
      `let kept; return makeDefaultExo('Other', { keep: (x) => { kept = x; }, label: () => E(kept).label() });`,
    );
    const otherAtC = await i.c.kernel.redeemOcapURL(
      (await i.b.kernel.issueOcapURL(other)).url,
    );
    const { slots } = await i.c.kernel.queueMessage(i.roots.c, 'get', ['x']);
    await i.c.call(otherAtC, 'keep', { '@ref': String(slots[0]) });
    await i.a.kernel.stop();
    await i.c.kernel.stop();
    expect(await i.b.call(other, 'label')).toBe('x');
    await i.c.reopen();
    await i.a.reopen();
  }, 60_000);
});

describe('messages across the change of ways', () => {
  it.each([
    ['to the owner', 1, 40],
    ['to the introducer', 0, 20],
  ] as const)(
    'arrive once and in order, when it is far %s',
    async (_, from, ms) => {
      const i = await openIntroduced();
      const [a = '', , c = ''] = i.peerIds;
      await i.make('x');
      // The direct way is the faster one: what is sent there could overtake.
      i.network.slow(ms, from === 0 ? [a, c] : [a, i.peerIds[1] ?? '']);
      await i.give('x');
      const direct = sentBy(i, c);
      let count = 0;
      while (shortcuts(i.c) === 0 || count % 100 !== 0) {
        await i.c.call(i.roots.c, 'sendIt', 'x', 'note', count);
        count += 1;
      }
      for (const last = count + 30; count < last; count += 1) {
        await i.c.call(i.roots.c, 'sendIt', 'x', 'note', count);
      }
      i.network.slow(0);
      await shortened(i);
      await i.use('x', 'label');
      expect(await i.notes()).toStrictEqual(upTo(count));
      expect(direct().length).toBeGreaterThan(0);
    },
    60_000,
  );

  it('arrive once and in order, when links break', async () => {
    const i = await openIntroduced();
    await i.make('x');
    i.network.slow(5);
    const stream = i
      .give('x')
      .then(async () => i.c.call(i.roots.c, 'stream', 'x', 0, 400, 10));
    for (let cuts = 0; cuts < 25; cuts += 1) {
      await delay(60);
      i.network.cut();
    }
    await stream;
    i.network.slow(0);
    await shortened(i);
    expect(await i.notes()).toStrictEqual(upTo(400));
  }, 60_000);

  it('that went to a promise of the first come before those sent directly', async () => {
    const i = await openIntroduced();
    await i.make('x');
    await i.give('x');
    await shortened(i);
    // What was sent to the promise is still on its way when it settles.
    const [a = '', b = ''] = i.peerIds;
    i.network.slow(80, [a, b]);
    for (let round = 0; round < 3; round += 1) {
      expect(
        await i.c.call(
          i.roots.c,
          'throughPromise',
          { '@ref': i.introducerAtC },
          'x',
          20,
        ),
      ).toBe(true);
    }
    i.network.slow(0);
    const once = upTo(41);
    expect(await i.notes()).toStrictEqual([...once, ...once, ...once]);
  }, 60_000);

  it('that went to a promise come first also while the way is changed', async () => {
    for (const ms of [1, 4, 12]) {
      const i = await openIntroduced();
      await i.make('x');
      const [a = '', b = ''] = i.peerIds;
      i.network.slow(ms);
      await i.give('x');
      i.network.slow(10 * ms, [a, b]);
      expect(
        await i.c.call(
          i.roots.c,
          'throughPromise',
          { '@ref': i.introducerAtC },
          'x',
          30,
        ),
      ).toBe(true);
      i.network.slow(0);
      await shortened(i);
      expect(await i.notes()).toStrictEqual(upTo(61));
    }
  }, 60_000);
});

describe('what is not used any more', () => {
  it('leaves nothing behind in any of the three', async () => {
    const i = await openIntroduced();
    const tables = [
      'introductions',
      'shortcuts',
      'urls',
      'objects',
      'caps',
      'clist',
      'promises',
      'inbox',
      'gc_actions',
      'remote_outbox',
    ];
    const rows = async (): Promise<unknown> => {
      const kernels = [i.a, i.b, i.c];
      await Promise.all(kernels.map(settleGarbage));
      return kernels.map((t) => tables.map((table) => count(t, table)));
    };
    const round = async (size: number): Promise<void> => {
      const keys = upTo(size).map((n) => `x${n}`);
      for (const key of keys) {
        await i.make(key);
        await i.give(key);
        expect(await i.use(key, 'label')).toBe(key);
      }
      await shortened(i, size);
      for (const key of keys) {
        expect(await i.use(key, 'label')).toBe(key);
        await i.c.call(i.roots.c, 'drop', key);
        await i.a.call(i.roots.a, 'drop', key);
      }
    };
    await round(1);
    await expect
      .poll(async () => [(await rows()) && count(i.a, 'introductions')], {
        timeout: 15_000,
      })
      .toStrictEqual([0]);
    const before = await rows();
    await round(12);
    await expect.poll(rows, { timeout: 20_000 }).toStrictEqual(before);
    expect(count(i.c, 'shortcuts')).toBe(0);
    expect(count(i.b, `caps WHERE grants LIKE '%voucher%'`)).toBe(0);
  }, 90_000);

  it('is introduced anew when it is passed anew', async () => {
    const i = await openIntroduced();
    await i.make('x');
    await i.give('x');
    await shortened(i);
    await i.c.call(i.roots.c, 'drop', 'x');
    await expect
      .poll(
        async () => {
          await settleGarbage(i.c);
          return [shortcuts(i.c), introductions(i.a).length];
        },
        { timeout: 15_000 },
      )
      .toStrictEqual([0, 0]);
    await i.give('x');
    await shortened(i);
    await i.a.kernel.stop();
    expect(await i.use('x', 'label')).toBe('x');
    await i.a.reopen();
  }, 60_000);
});
