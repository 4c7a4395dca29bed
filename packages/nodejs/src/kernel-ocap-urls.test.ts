import './daemon/lockdown.ts';
import { statSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeMemoryNetwork } from './testing/memory-network.ts';
import { openMovedClock } from './testing/moved-clock.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const body = `
  const get = (name) => baggage.get(name);
  return makeDefaultExo('User', {
    bootstrap: (_vats, services) => { baggage.init('issuer', services.ocapURLIssuerService); baggage.init('redeemer', services.ocapURLRedemptionService); },
    hi: () => 'hi',
    keep: (thing) => { baggage.has('thing') ? baggage.set('thing', thing) : baggage.init('thing', thing); },
    issue: (options) => (options ? E(get('issuer')).issue(get('thing'), options) : E(get('issuer')).issue(get('thing'))),
    redeem: async (url) => { const thing = await E(get('redeemer')).redeem(url); baggage.has('thing') ? baggage.set('thing', thing) : baggage.init('thing', thing); },
    use: () => E(get('thing')).hi(),
  });`;

const launch = async (t: TestKernel): Promise<string> =>
  (
    await t.kernel.launchSubcluster({
      bootstrap: 'main',
      services: ['ocapURLIssuerService', 'ocapURLRedemptionService'],
      vats: { main: { bundleSpec: vatSource(body) } },
    })
  ).rootKref;

describe('an object URL', () => {
  it('stands for its object, also after a restart, until it is revoked', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const { id, url } = await t.kernel.issueOcapURL(root);
    expect(url).toMatch(/^ocap:[0-9a-f]{64}@12D3KooW\w{44}$/u);
    expect(await t.kernel.redeemOcapURL(url)).toBe(root);
    await t.reopen();
    expect(await t.kernel.redeemOcapURL(url)).toBe(root);
    expect(t.kernel.isRevoked(id)).toBe(false);
    await t.kernel.revoke(id);
    for (let round = 0; round < 2; round += 1) {
      expect(t.kernel.isRevoked(id)).toBe(true);
      await expect(t.kernel.redeemOcapURL(url)).rejects.toMatchObject({
        code: 'URL_ENDED',
        message: expect.stringMatching(/it was revoked/u),
      });
      await t.reopen();
    }
    // The object itself was not.
    expect(await t.call(root, 'hi')).toBe('hi');
  });

  it('is not in the database, nor is the identity, which is for its owner only (V-27)', async () => {
    const t = await openTestKernel();
    const { url } = await t.kernel.issueOcapURL(await launch(t));
    const token = /^ocap:([0-9a-f]+)@/u.exec(url)?.[1] ?? 'none';
    const identity = join(dirname(t.databasePath), 'identity.key');
    expect(statSync(identity).mode & 0o777).toBe(0o600);
    const seed = readFileSync(identity, 'utf8').trim();
    await t.kernel.stop();
    const database = readFileSync(t.databasePath);
    expect(database.includes(token)).toBe(false);
    expect(database.includes(seed)).toBe(false);
    expect(JSON.stringify(t.logged)).not.toMatch(
      new RegExp(`${token}|${seed}`, 'u'),
    );
    await t.reopen();
  });

  it('ends at its time, and after as many redemptions as it allows', async () => {
    const t = await openTestKernel();
    const root = await launch(t);
    const moveOn = openMovedClock();
    const timed = await t.kernel.issueOcapURL(root, {
      expires: Date.now() + 1000,
    });
    const twice = await t.kernel.issueOcapURL(root, { uses: 2 });
    expect(await t.kernel.redeemOcapURL(timed.url)).toBe(root);
    moveOn(1001);
    await expect(t.kernel.redeemOcapURL(timed.url)).rejects.toThrow(
      /its time was over/u,
    );
    await t.kernel.redeemOcapURL(twice.url);
    await t.kernel.redeemOcapURL(twice.url);
    await expect(t.kernel.redeemOcapURL(twice.url)).rejects.toThrow(
      /as often as it could be/u,
    );
  });

  it('keeps its object while it stands, and not longer', async () => {
    const t = await openTestKernel();
    const root = await t.launch(`
      if (!baggage.has('K')) baggage.init('K', VatData.makeKindHandle('K'));
      const make = VatData.defineDurableKind(baggage.get('K'), () => ({}), { hi: () => 'hi' });
      return makeDefaultExo('Maker', { make: () => make() });`);
    const thing = (await t.kernel.queueMessage(root, 'make', []))
      .slots[0] as string;
    const { id, url } = await t.kernel.issueOcapURL(thing);
    const moveOn = openMovedClock();
    moveOn(48 * 3600 * 1000);
    await t.kernel.collectGarbage();
    await t.reopen();
    expect(await t.kernel.redeemOcapURL(url)).toBe(thing);
    expect(await t.call(thing, 'hi')).toBe('hi');
    await t.kernel.revoke(id);
    moveOn(48 * 3600 * 1000);
    await t.kernel.collectGarbage();
    await expect(t.call(thing, 'hi')).rejects.toThrow(/no object/u);
  });

  it.each([
    ['', 'URL_INVALID'],
    [
      'ocap:123@12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV',
      'URL_INVALID',
    ],
    [
      `ocap:${'0'.repeat(64)}@12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV`,
      'PEER_UNREACHABLE',
    ],
  ])('is refused if it is none of ours: %s', async (url, code) => {
    const t = await openTestKernel({
      limits: { remoteConnectMs: 50 },
      peers: makeMemoryNetwork().transport(() => 'nobody'),
    });
    await expect(t.kernel.redeemOcapURL(url)).rejects.toMatchObject({ code });
  });

  it('that has ended is told of for as long as N newer ones have not', async () => {
    const t = await openTestKernel({ limits: { endedKept: 2 } });
    const moveOn = openMovedClock();
    const root = await launch(t);
    const expires = Date.now() + 1000;
    const issued = [
      await t.kernel.issueOcapURL(root, { expires }),
      await t.kernel.issueOcapURL(root),
      await t.kernel.issueOcapURL(root),
      await t.kernel.issueOcapURL(root),
    ];
    const [, second, third, stays] = issued;
    await t.kernel.revoke(second?.id ?? '');
    await t.kernel.revoke(third?.id ?? '');
    // Ends without anybody asking for it, and is the oldest.
    moveOn(1001);
    for (let round = 0; round < 2; round += 1) {
      await t.kernel.collectGarbage();
      const outcomes = await Promise.allSettled(
        issued.map(async ({ url }) => t.kernel.redeemOcapURL(url)),
      );
      const codes = outcomes.map((outcome) =>
        outcome.status === 'fulfilled'
          ? 'redeemed'
          : (outcome.reason as { code: string }).code,
      );
      expect(codes).toStrictEqual([
        'URL_UNKNOWN',
        'URL_ENDED',
        'URL_ENDED',
        'redeemed',
      ]);
      expect(t.kernel.isRevoked(stays?.id ?? '')).toBe(false);
      expect(t.kernel.audit().problems).toStrictEqual([]);
      await t.reopen();
    }
  });

  it('cannot be guessed for long: N wrong ones a minute, and not one more', async () => {
    const t = await openTestKernel({ limits: { urlGuesses: 3 } });
    const { url } = await t.kernel.issueOcapURL(await launch(t));
    const flipped = url.replace(
      /^ocap:(.)/u,
      (_, digit) => `ocap:${digit === '0' ? '1' : '0'}`,
    );
    for (let i = 0; i < 3; i += 1) {
      await expect(t.kernel.redeemOcapURL(flipped)).rejects.toMatchObject({
        code: 'URL_UNKNOWN',
      });
    }
    await expect(t.kernel.redeemOcapURL(flipped)).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
    });
    // Who has a real one is not kept from it.
    expect(await t.kernel.redeemOcapURL(url)).toMatch(/^ko/u);
  });
});

describe('vats with the services for object URLs', () => {
  it('pass objects on by text; revoking the issuer’s grant ends it for the redeemer', async () => {
    const t = await openTestKernel();
    const [alice, bob, thing] = [
      await launch(t),
      await launch(t),
      await launch(t),
    ];
    await t.call(alice, 'keep', { '@ref': thing });
    const url = (await t.call(alice, 'issue')) as string;
    await t.call(bob, 'redeem', url);
    expect(await t.call(bob, 'use')).toBe('hi');
    const [cap] = t.kernel
      .listCaps(bob)
      .caps.filter(({ kref }) => kref === thing);
    expect(cap?.grants).toMatchObject([{ giver: 's1', via: 'an answer' }]);
    const [grant] = t.kernel
      .listCaps(alice)
      .caps.flatMap(({ kref, grants }) => (kref === thing ? grants : []));
    await t.kernel.revoke(grant?.id as string);
    await expect(t.call(bob, 'use')).rejects.toThrow(/OBJECT_REVOKED/u);
    await expect(t.call(alice, 'issue')).rejects.toThrow(/OBJECT_REVOKED/u);
    await expect(t.kernel.redeemOcapURL(url)).rejects.toThrow(/was revoked/u);
  });

  it('can limit a URL, and are told of what makes no sense', async () => {
    const t = await openTestKernel();
    const [alice, bob, thing] = [
      await launch(t),
      await launch(t),
      await launch(t),
    ];
    await t.call(alice, 'keep', { '@ref': thing });
    const url = (await t.call(alice, 'issue', { uses: 1 })) as string;
    await t.call(bob, 'redeem', url);
    await expect(t.call(bob, 'redeem', url)).rejects.toThrow(/URL_ENDED/u);
    await expect(t.call(alice, 'issue', { uses: 0 })).rejects.toThrow(/uses/u);
  });
});
