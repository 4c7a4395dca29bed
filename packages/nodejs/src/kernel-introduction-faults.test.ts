import './daemon/lockdown.ts';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  introductions,
  openIntroduced,
  shortcuts,
  shortened,
  type Introduced,
} from './testing/introduced.ts';

const upTo = (count: number): number[] =>
  Array.from({ length: count }, (_, n) => n);

const open = async (): Promise<Introduced> => {
  const i = await openIntroduced();
  await i.make('x');
  await i.give('x');
  expect(await i.use('x', 'label')).toBe('x');
  await shortened(i);
  return i;
};

/** The introducer's grants of the object to the third. */
const grantOf = (i: Introduced): string => {
  const [row] = i.a.kernel.executeDBQuery(
    `SELECT grants FROM caps JOIN introductions USING (kref) WHERE grantee = remote`,
  );
  const [grant] = JSON.parse(String(row?.['grants'])) as { id: string }[];
  return String(grant?.id);
};

const theKref = async (i: Introduced): Promise<string> => {
  const { slots } = await i.a.kernel.queueMessage(i.roots.a, 'get', ['x']);
  return String(slots[0]);
};

describe('revoking what was passed on', () => {
  it.each([
    ['the grant', grantOf],
    ['the object', theKref],
  ] as const)(
    '%s at the introducer ends it for the third, and stays so',
    async (_, what) => {
      const i = await open();
      await i.a.kernel.revoke(await what(i));
      await expect
        .poll(async () => i.use('x', 'label').catch(String), { timeout: 5000 })
        .toMatch(/revoked/u);
      await expect.poll(() => introductions(i.a)).toStrictEqual([]);
      for (const t of [i.a, i.b, i.c]) {
        await t.reopen();
      }
      await expect(i.use('x', 'label')).rejects.toThrow(/revoked/u);
      // It does not come back by being passed again.
      await i.give('x');
      await expect(i.use('x', 'label')).rejects.toThrow(/revoked/u);
      expect(introductions(i.a)).toStrictEqual([]);
      // The introducer itself has lost it only with the object.
      const own = i.a.call(i.roots.a, 'callIt', 'x', 'label').catch(String);
      expect(await own).toMatch(what === grantOf ? /^x$/u : /revoked/u);
    },
    60_000,
  );

  it('while the owner is not reached ends it as soon as it is, whoever restarts', async () => {
    const i = await open();
    const [a = '', b = ''] = i.peerIds;
    i.network.separate(a, b, true);
    await i.a.kernel.revoke(grantOf(i));
    await i.a.reopen();
    await i.b.reopen();
    expect(await i.use('x', 'label')).toBe('x');
    expect(introductions(i.a)).toMatchObject([{ ended: 'revoked' }]);
    i.network.separate(a, b, false);
    await expect
      .poll(async () => i.use('x', 'label').catch(String), { timeout: 15_000 })
      .toMatch(/revoked/u);
    await expect
      .poll(() => introductions(i.a), { timeout: 15_000 })
      .toStrictEqual([]);
  }, 60_000);

  it('at the owner ends it for the third and for whom it was from', async () => {
    const i = await open();
    const grants = i.b.kernel
      .executeDBQuery(`SELECT grantee, grants FROM caps`)
      .map((row) => [row['grantee'], String(row['grants'])] as const);
    const [, third] = grants.find(([, text]) => text.includes('voucher')) ?? [];
    const [{ id: ofThird, giver }] = JSON.parse(String(third)) as [
      { id: string; giver: string },
    ];
    await i.b.kernel.revoke(ofThird);
    await expect(i.use('x', 'label')).rejects.toThrow(/revoked/u);
    expect(await i.a.call(i.roots.a, 'callIt', 'x', 'label')).toBe('x');
    expect(giver).toMatch(/^r/u);
  }, 60_000);

  it('of the introducer’s own grant ends the third’s with it', async () => {
    const i = await open();
    const rows = i.b.kernel.executeDBQuery(
      `SELECT grants FROM caps WHERE grants NOT LIKE '%voucher%' AND kref IN (SELECT kref FROM caps WHERE grants LIKE '%voucher%')`,
    );
    const [{ id }] = JSON.parse(String(rows[0]?.['grants'])) as [
      { id: string },
    ];
    await i.b.kernel.revoke(id);
    await expect(i.use('x', 'label')).rejects.toThrow(/revoked/u);
  }, 60_000);

  it('and giving anew works again, directly', async () => {
    const i = await open();
    const kref = await theKref(i);
    await i.a.kernel.revoke(grantOf(i));
    await expect
      .poll(async () => i.use('x', 'label').catch(String))
      .toMatch(/revoked/u);
    await i.a.kernel.queueMessage(i.thirdAtA, 'keep', ['x', { '@ref': kref }]);
    await shortened(i);
    expect(await i.use('x', 'label')).toBe('x');
    await i.a.kernel.stop();
    expect(await i.use('x', 'label')).toBe('x');
    await i.a.reopen();
  }, 60_000);
});

/** As after kill -9: what was not committed, and not sent, never was. */
const crash = async (i: Introduced, who: 'a' | 'b' | 'c'): Promise<void> => {
  const t = i[who];
  i.network.block(true); // nothing leaves it any more
  const files = ['', '-wal'].map((suffix) => `${t.databasePath}${suffix}`);
  const saved = files.map((path) => readFileSync(path));
  await t.kernel.stop();
  rmSync(`${t.databasePath}-shm`, { force: true });
  files.forEach((path, n) => writeFileSync(path, saved[n] ?? ''));
  await t.reopen();
  i.network.block(false);
};

describe('crashes', () => {
  it.each(upTo(6).flatMap((step) => ['a', 'b', 'c'].map((who) => [step, who])))(
    'at step %d, of %s, lose and reorder nothing, and the path becomes short',
    async (step, who) => {
      const i = await openIntroduced();
      await i.make('x');
      i.network.slow(4);
      await i.give('x');
      await i.c.call(i.roots.c, 'sendIt', 'x', 'note', 0);
      await delay(Number(step) * 18);
      await crash(i, who as 'a' | 'b' | 'c');
      await i.c.call(i.roots.c, 'stream', 'x', 1, 30, 7);
      i.network.slow(0);
      await shortened(i);
      await i.c.call(i.roots.c, 'stream', 'x', 31, 10, 3);
      expect(await i.notes()).toStrictEqual(upTo(41));
    },
    60_000,
  );
});

describe('a third that cannot reach the owner', () => {
  it('goes on through the introducer, and reaches it as soon as it can', async () => {
    const i = await openIntroduced({ remoteConnectMs: 300 });
    await i.make('x');
    const [, b = '', c = ''] = i.peerIds;
    i.network.separate(b, c, true);
    await i.give('x');
    expect(await i.use('x', 'label')).toBe('x');
    await delay(600);
    await i.c.call(i.roots.c, 'stream', 'x', 0, 10, 3);
    expect(shortcuts(i.c)).toBe(0);
    i.network.separate(b, c, false);
    await shortened(i);
    await i.c.call(i.roots.c, 'stream', 'x', 10, 10, 3);
    expect(await i.notes()).toStrictEqual(upTo(20));
    expect(i.c.kernel.getStatus().remoteComms?.peers).toHaveLength(2);
  }, 60_000);

  it('is told what it sent when it reached it no more, and goes on through the introducer', async () => {
    const i = await openIntroduced({ remoteGoneMs: 300 });
    await i.make('x');
    await i.give('x');
    await shortened(i);
    const [, b = '', c = ''] = i.peerIds;
    i.network.separate(b, c, true);
    await expect(i.use('x', 'label')).rejects.toThrow(/not reached for/u);
    expect(shortcuts(i.c)).toBe(0);
    expect(await i.use('x', 'label')).toBe('x');
    i.network.separate(b, c, false);
  }, 60_000);
});

describe('a kernel that has lost its state', () => {
  it('the introducer: the third goes on', async () => {
    const i = await open();
    await i.a.kernel.clearState();
    await expect
      .poll(() => i.c.kernel.executeDBQuery('SELECT * FROM shortcuts'), {
        timeout: 20_000,
      })
      .toStrictEqual([]);
    expect(await i.use('x', 'label')).toBe('x');
  }, 60_000);

  it('the owner: the third is told', async () => {
    const i = await open();
    await i.b.kernel.clearState();
    await expect(i.use('x', 'label')).rejects.toThrow(
      /gone|lost its state|PEER_LOST/u,
    );
  }, 60_000);
});
