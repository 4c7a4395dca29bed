import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import { introductions, shortcuts } from './testing/introduced.ts';
import type { MemoryNetwork } from './testing/memory-network.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const stranger = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';
const nobody = '12D3KooWNvSZnPi3RrhrTwEY4LuuBeB6K6facKUCJcyWG1aoDd2p';
const token = 'ab'.repeat(32);

const vat = `
  let kept;
  return makeDefaultExo('Vat', {
    hi: () => 'hi',
    keep: (x) => { kept = x; },
    use: () => E(kept).hi(),
    get: () => kept,
  });`;

type Op = readonly unknown[];

/** A line of a peer that says what no kernel would. */
const speakTo = async (network: MemoryNetwork, to: string) => {
  const line = network.connectAs(stranger, to);
  let seq = 0;
  let promise = 100;
  const heard = () =>
    line.received.map(
      (text) => JSON.parse(text) as { type: string; seq?: number; ops?: Op[] },
    );
  const seen = (): number =>
    Math.max(0, ...heard().flatMap((frame) => frame.seq ?? []));
  const say = (...ops: Op[]): void => {
    seq += 1;
    line.link.send(JSON.stringify({ type: 'data', seq, seen: seen(), ops }));
  };
  const send = (
    target: string,
    method: string,
    args: unknown[],
    slots: string[] = [],
  ): string => {
    promise += 1;
    const body = `#${JSON.stringify([method, args])}`;
    say(['send', target, { body, slots }, `p+${promise}`]);
    return `p-${promise}`;
  };
  const gate = (method: string, args: unknown[], slots: string[] = []) =>
    send('o-0', method, args, slots);
  const settled = (name: string): unknown[] | undefined =>
    heard()
      .flatMap(({ ops }) => ops ?? [])
      .filter(([op]) => op === 'resolve')
      .flatMap(([, all]) => all as unknown[][])
      .find(([ref]) => ref === name);
  const answer = async (name: string): Promise<readonly unknown[]> => {
    await expect.poll(() => settled(name), { timeout: 10_000 }).toBeDefined();
    return settled(name) ?? [];
  };
  /** What it was given, as it names it itself. */
  const given = async (name: string): Promise<string> => {
    const [, , data] = await answer(name);
    const [slot = ''] = (data as { slots: string[] }).slots;
    return slot.replace('+', '-');
  };
  const refusal = async (
    method: string,
    args: unknown[],
    slots: string[] = [],
  ): Promise<string> => {
    const [, rejected, data] = await answer(gate(method, args, slots));
    expect(rejected).toBe(true);
    return JSON.stringify(data);
  };
  const hello = {
    type: 'hello',
    version: 1,
    session: 'theirs',
    yours: null,
    received: 0,
    addresses: ['/memory/x'],
  };
  line.link.send(JSON.stringify(hello));
  await expect.poll(() => line.received.length).toBeGreaterThan(0);
  return { line, heard, say, send, gate, answer, given, refusal };
};

/** Two kernels, and a peer in the wrong hands that has given the first an object. */
const open = async (limits = {}) => {
  const { network, kernels, peerIds } = await openLinkedKernels(2, limits);
  const [c, b] = kernels as [TestKernel, TestKernel];
  const [own = '', owner = ''] = peerIds;
  const root = await c.launch(vat);
  const other = await b.launch(vat);
  const { url } = await c.kernel.issueOcapURL(root);
  const peer = await speakTo(network, own);
  await peer.answer(peer.gate('redeem', [url.slice(5, 69)]));
  peer.say(['send', 'o-1', { body: '#["keep",["$0"]]', slots: ['o+1'] }, null]);
  await expect
    .poll(async () => (await c.kernel.queueMessage(root, 'get', [])).slots)
    .toHaveLength(1);
  const peers = () =>
    c.kernel
      .executeDBQuery('SELECT peer_id FROM remotes')
      .map((row) => String(row['peer_id']));
  return { network, c, b, own, owner, root, other, ...peer, peers };
};

describe('a peer that hands off what it should not', () => {
  const offers: [string, (o: Awaited<ReturnType<typeof open>>) => unknown[]][] =
    [
      [
        'an object that it never introduced',
        () => ['o+7', nobody, ['/memory/b'], token],
      ],
      [
        'an object of the one it speaks to',
        () => ['o-1', nobody, ['/memory/b'], token],
      ],
      ['a promise', () => ['p+1', nobody, ['/memory/b'], token]],
      ['what is no name', () => ['o+1 OR 1', nobody, ['/memory/b'], token]],
      ['to itself', () => ['o+1', stranger, ['/memory/b'], token]],
      [
        'to the one it speaks to',
        ({ own }) => ['o+1', own, ['/memory/b'], token],
      ],
      ['to what is no peer', () => ['o+1', 'somebody', ['/memory/b'], token]],
      ['with a token that is none', () => ['o+1', nobody, ['/memory/b'], 'x']],
      [
        'with addresses that are none',
        () => ['o+1', nobody, ['a b', 'c,d'], token],
      ],
      [
        'with addresses without end',
        () => [
          'o+1',
          nobody,
          Array.from({ length: 33 }, () => '/memory/b'),
          token,
        ],
      ],
      [
        'with an address without end',
        () => ['o+1', nobody, ['x'.repeat(501)], token],
      ],
      [
        'with a token that is not redeemed',
        ({ owner }) => ['o+1', owner, ['/memory/b'], token],
      ],
      ['to one who is not there', () => ['o+1', nobody, ['/memory/b'], token]],
    ];

  it.each(offers)(
    '%s is refused, and nothing has changed',
    async (_, args) => {
      const o = await open({ remoteConnectMs: 200 });
      const before = o.peers();
      await o.refusal('handOff', args(o));
      expect(shortcuts(o.c)).toBe(0);
      expect(
        o.c.kernel.executeDBQuery('SELECT * FROM shortcuts'),
      ).toStrictEqual([]);
      expect(o.peers().filter((id) => id === nobody)).toStrictEqual([]);
      expect(before).toContain(stranger);
      expect(await o.c.call(o.root, 'hi')).toBe('hi');
      expect(o.line.closed).toStrictEqual([]);
    },
    30_000,
  );

  it('has only so many addresses dialled at a time, and not one more', async () => {
    const o = await open({ remoteConnectMs: 1500, remoteHandOffs: 3 });
    const names = Array.from({ length: 5 }, (_, n) => `o+${n + 1}`);
    const more = `let all = []; return makeDefaultExo('Many', { keep: (...x) => { all = x; }, hi: () => all.length });`;
    const many = await o.c.launch(more);
    const { url } = await o.c.kernel.issueOcapURL(many);
    const ref = await o.given(o.gate('redeem', [url.slice(5, 69)]));
    o.say([
      'send',
      ref,
      {
        body: `#${JSON.stringify(['keep', names.map((_, n) => `$${n}`)])}`,
        slots: names,
      },
      null,
    ]);
    await expect.poll(async () => o.c.call(many, 'hi')).toBe(5);
    const asked = names.map((name) =>
      o.gate('handOff', [name, nobody, ['/memory/b'], token]),
    );
    const refused = await Promise.all(asked.slice(3).map(o.answer));
    for (const [, rejected, reason] of refused) {
      expect(rejected).toBe(true);
      expect(JSON.stringify(reason)).toMatch(/LIMIT_REACHED/u);
    }
    for (const [, , reason] of await Promise.all(
      asked.slice(0, 3).map(o.answer),
    )) {
      expect(JSON.stringify(reason)).toMatch(/PEER_UNREACHABLE/u);
    }
    expect(o.peers()).not.toContain(nobody);
  }, 30_000);

  it('cannot put a known peer to another address', async () => {
    const o = await open();
    await share(o.b, o.other, o.c);
    const hints = (): unknown =>
      o.c.kernel.executeDBQuery(
        `SELECT hints FROM remotes WHERE peer_id = '${o.owner}'`,
      )[0]?.['hints'];
    const before = hints();
    await o.refusal('handOff', ['o+1', o.owner, ['/memory/elsewhere'], token]);
    expect(hints()).toBe(before);
  }, 30_000);

  it('never gets an object of the owner in the place of another’s', async () => {
    // The owner, too, is in the wrong hands: it gives an object that is not its own.
    const o = await open();
    const issued = await o.b.kernel.issueOcapURL(await share(o.c, o.root, o.b));
    const [, rejected, data] = await o.answer(
      o.gate('handOff', ['o+1', o.owner, [], issued.url.slice(5, 69)]),
    );
    expect([rejected, (data as { body: string }).body]).toStrictEqual([
      false,
      '#false',
    ]);
    expect(shortcuts(o.c)).toBe(0);
  }, 30_000);

  it('and does not answer for it later holds up what is sent to that object only', async () => {
    const o = await open();
    const { url } = await o.b.kernel.issueOcapURL(o.other);
    o.gate('handOff', ['o+1', o.owner, ['/memory/b'], url.slice(5, 69)]);
    // It is asked to sync, and does not.
    await expect
      .poll(() => o.line.received.some((text) => text.includes('sync')))
      .toBe(true);
    const held = o.c.call(o.root, 'use').catch(String);
    expect(await o.c.call(o.root, 'hi')).toBe('hi');
    expect(await Promise.race([held, delay(300, 'it waits')])).toBe('it waits');
    // Cut off, it is lost, and who waits is told.
    o.line.link.send('nonsense');
    expect(await held).toMatch(/PEER_LOST|cut off/u);
    expect(o.c.kernel.executeDBQuery('SELECT * FROM shortcuts')).toStrictEqual(
      [],
    );
  }, 30_000);
});

describe('a peer that vouches', () => {
  it('cannot do so without end, and not for what it cannot call', async () => {
    const o = await open({ remoteIntroductions: 3 });
    const hash = (n: number): string => String(n).padStart(64, '0');
    for (const n of [1, 2, 3]) {
      const [, rejected] = await o.answer(
        o.gate('vouch', ['$0', nobody, hash(n)], ['o-1']),
      );
      expect(rejected).toBe(false);
    }
    expect(await o.refusal('vouch', ['$0', nobody, hash(4)], ['o-1'])).toMatch(
      /LIMIT_REACHED/u,
    );
    expect(await o.refusal('vouch', ['$0', nobody, 'x'], ['o-1'])).toMatch(
      /nothing to vouch/u,
    );
    expect(await o.refusal('vouch', ['$0', nobody, hash(5)], ['o+1'])).toMatch(
      /nothing to vouch/u,
    );
    await o.answer(o.gate('unvouch', [hash(1), false]));
    const [, rejected] = await o.answer(
      o.gate('vouch', ['$0', nobody, hash(4)], ['o-1']),
    );
    expect(rejected).toBe(false);
    await o.c.kernel.revoke(o.root);
    expect(await o.refusal('vouch', ['$0', nobody, hash(6)], ['o-1'])).toMatch(
      /LIMIT_REACHED|revoked/u,
    );
    // Lost, it leaves none of them behind.
    o.line.link.send('nonsense');
    await expect
      .poll(() =>
        o.c.kernel.executeDBQuery('SELECT * FROM urls WHERE peer IS NOT NULL'),
      )
      .toStrictEqual([]);
  }, 30_000);

  it('for a third has vouched for nobody else, and cannot end what is another’s', async () => {
    const o = await open();
    const hash = 'cd'.repeat(32);
    await o.answer(o.gate('vouch', ['$0', nobody, hash], ['o-1']));
    expect(await o.refusal('redeem', ['ef'.repeat(32)])).toMatch(
      /URL_UNKNOWN/u,
    );
    const others = await o.c.kernel.issueOcapURL(o.root);
    const [row] = o.c.kernel.executeDBQuery(
      `SELECT token_hash FROM urls WHERE id = '${others.id}'`,
    );
    await o.answer(o.gate('unvouch', [row?.['token_hash'], true]));
    expect(o.c.kernel.isRevoked(others.id)).toBe(false);
    const atB = await o.b.kernel.redeemOcapURL(others.url);
    expect(await o.b.call(atB, 'hi')).toBe('hi');
  }, 30_000);
});

describe('a third that keeps what it has given back', () => {
  it('has lost it, and the token with it', async () => {
    // The first kernel introduces; the second is the owner.
    const o = await open();
    const atA = await share(o.b, o.other, o.c);
    await o.c.call(o.root, 'keep', { '@ref': atA });
    const name = await o.given(o.send('o-1', 'get', []));
    const token = (): string | undefined =>
      /"handOff\\",\[[^\]]*\],\\"([0-9a-f]{64})/u.exec(
        o.line.received.find((text) => text.includes('handOff')) ?? '',
      )?.[1];
    await expect.poll(token, { timeout: 10_000 }).toBeDefined();
    const b = await speakTo(o.network, o.owner);
    const direct = await b.given(b.gate('redeem', [token()]));
    const [, before] = await b.answer(b.send(direct, 'hi', []));
    expect(before).toBe(false);
    // Another cannot use the token.
    await expect(
      o.c.kernel.redeemOcapURL(`ocap:${token()}@${o.owner}`),
    ).rejects.toThrow(/another peer/u);

    o.say(['retireImports', [name]]);
    await expect
      .poll(() => introductions(o.c), { timeout: 10_000 })
      .toStrictEqual([]);
    const [, rejected] = await b.answer(b.send(direct, 'hi', []));
    expect(rejected).toBe(true);
    expect(await b.refusal('redeem', [token()])).toMatch(/URL_UNKNOWN/u);
    expect(b.line.closed).toStrictEqual([]);
    const vouched = o.b.kernel.executeDBQuery(
      `SELECT * FROM caps WHERE grants LIKE '%voucher%'`,
    );
    expect(vouched).toStrictEqual([]);
  }, 30_000);
});
