import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels } from './testing/linked-kernels.ts';
import type { MemoryNetwork } from './testing/memory-network.ts';
import { decode, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const bank = `
  let n = 0;
  const makePurse = () => { let coins = 0; return makeDefaultExo('Purse', {
    deposit: (amount) => { coins += amount; return coins; },
    balance: () => coins,
  }); };
  return makeDefaultExo('Bank', {
    hello: (name) => 'hello ' + name,
    fail: () => { throw Error('no'); },
    openPurse: () => makePurse(),
    later: () => { const kit = makePromiseKit(); later = kit; return kit.promise; },
    settle: (value) => { later.resolve(value); },
    callMe: (other) => E(other).ping('from the bank'),
    echo: (value) => value,
    next: () => { n += 1; return n; },
    held: (object) => { kept = object; },
    callHeld: () => E(kept).ping('held'),
    letGo: () => { kept = undefined; },
  });`;
const source = `let later; let kept; ${bank}`;

const client = `
  let seen = [];
  return makeDefaultExo('Client', {
    ping: (text) => 'pong ' + text,
    ask: (target, method, args) => E(target)[method](...args),
    pipeline: (target) => E(E(target).openPurse()).deposit(5),
    deep: (target) => { const purse = E(target).openPurse(); E(purse).deposit(1); E(purse).deposit(2); return E(purse).balance(); },
    order: async (target, count) => { const all = []; for (let i = 0; i < count; i += 1) all.push(E(target).next()); return Promise.all(all); },
    give: (target) => E(target).callMe(makeDefaultExo('Thing', { ping: (text) => 'thing ' + text })),
    lend: (target) => E(target).held(makeDefaultExo('Thing', { ping: (text) => 'thing ' + text })),
    promiseArg: (target) => { const kit = makePromiseKit(); const answer = E(target).echo(kit.promise); kit.resolve('in time'); return answer; },
  });`;

type Pair = Readonly<{ network: MemoryNetwork; a: TestKernel; b: TestKernel }>;

const openPair = async (): Promise<Pair> => {
  const { network, kernels } = await openLinkedKernels(2);
  const [a, b] = kernels as [TestKernel, TestKernel];
  return { network, a, b };
};

/** The bank of A, as B knows it, and a client of B. */
const introduce = async ({ a, b }: Pair) => {
  const bankRoot = await a.launch(source);
  const { url } = await a.kernel.issueOcapURL(bankRoot);
  const bankAtB = await b.kernel.redeemOcapURL(url);
  const clientRoot = await b.launch(client);
  const ask = async (method: string, ...args: unknown[]): Promise<unknown> =>
    b.call(clientRoot, method, { '@ref': bankAtB }, ...args);
  return { bankRoot, bankAtB, clientRoot, url, ask };
};

describe('an object of another kernel', () => {
  it('is called, answers, and refuses', async () => {
    const pair = await openPair();
    const { bankAtB, ask } = await introduce(pair);
    expect(await pair.b.call(bankAtB, 'hello', 'b')).toBe('hello b');
    await expect(pair.b.call(bankAtB, 'fail')).rejects.toThrow(/no/u);
    expect(await ask('ask', 'hello', ['vat'])).toBe('hello vat');
    await expect(pair.b.call(bankAtB, 'missing')).rejects.toThrow(/missing/u);
  });

  it('is sent messages to results that are not there yet, in order', async () => {
    const pair = await openPair();
    const { ask } = await introduce(pair);
    expect(await ask('pipeline')).toBe(5);
    expect(await ask('deep')).toBe(3);
    expect(await ask('order', 50)).toStrictEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
  });

  it('takes objects and promises, and calls them back', async () => {
    const pair = await openPair();
    const { ask, bankAtB, clientRoot } = await introduce(pair);
    expect(await ask('give')).toBe('thing from the bank');
    expect(await ask('promiseArg')).toBe('in time');
    expect(await pair.b.call(bankAtB, 'callMe', { '@ref': clientRoot })).toBe(
      'pong from the bank',
    );
  });

  it('comes home as what it was', async () => {
    const pair = await openPair();
    const { bankAtB, clientRoot, bankRoot } = await introduce(pair);
    const { url } = await pair.b.kernel.issueOcapURL(bankAtB);
    expect(await pair.a.kernel.redeemOcapURL(url)).toBe(bankRoot);
    const echoed = await pair.b.kernel.queueMessage(bankAtB, 'echo', [
      { '@ref': clientRoot },
    ]);
    expect(echoed.slots).toStrictEqual([clientRoot]);
  });
});

describe('when links break', () => {
  it('every message counts once, in order', async () => {
    const pair = await openPair();
    const { ask } = await introduce(pair);
    const asked = ask('order', 300);
    for (let i = 0; i < 10; i += 1) {
      await delay(15);
      pair.network.cut();
    }
    expect(await asked).toStrictEqual(
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
  }, 30_000);

  it('what was sent meanwhile is answered when the network is back', async () => {
    const pair = await openPair();
    const { ask, bankAtB } = await introduce(pair);
    pair.network.block(true);
    const asked = ask('order', 20);
    const direct = pair.b.call(bankAtB, 'hello', 'again');
    await delay(100);
    expect(pair.b.kernel.getStatus().remoteComms?.peers).toMatchObject([
      { state: expect.not.stringMatching('connected') as string },
    ]);
    pair.network.block(false);
    expect(await asked).toHaveLength(20);
    expect(await direct).toBe('hello again');
  });
});

describe('when a kernel ends and starts again', () => {
  it('the caller’s messages are applied once', async () => {
    const pair = await openPair();
    const { bankAtB } = await introduce(pair);
    pair.network.block(true);
    const ids = Array.from({ length: 10 }, (_, i) => `id-${i}`);
    for (const requestId of ids) {
      pair.b.kernel
        .queueMessage(bankAtB, 'next', [], { requestId })
        .catch(() => undefined);
    }
    await delay(80);
    await pair.b.reopen();
    pair.network.block(false);
    const again = await Promise.all(
      ids.map(async (requestId) =>
        decode(
          await pair.b.kernel.queueMessage(bankAtB, 'next', [], { requestId }),
        ),
      ),
    );
    expect(again).toStrictEqual(ids.map((_, i) => i + 1));
    expect(await pair.b.call(bankAtB, 'next')).toBe(11);
  });

  it('the one that answers is found again, and what its heap promised is rejected', async () => {
    const pair = await openPair();
    const { bankAtB, ask } = await introduce(pair);
    const lost = ask('ask', 'later', []).catch(String);
    await ask('ask', 'hello', ['x']);
    await pair.a.reopen();
    expect(await lost).toMatch(/lost its heap|restarted/u);
    expect(await pair.b.call(bankAtB, 'hello', 'after')).toBe('hello after');
  });
});

describe('what is not used any more', () => {
  it('leaves no rows behind on either side', async () => {
    const pair = await openPair();
    const { ask, bankAtB } = await introduce(pair);
    await ask('lend');
    expect(await pair.b.call(bankAtB, 'callHeld')).toBe('thing held');
    await ask('pipeline');
    await ask('promiseArg');
    await ask('give');
    await pair.b.call(bankAtB, 'letGo');
    const names = async (t: TestKernel): Promise<unknown> => {
      await t.kernel.collectGarbage();
      return t.kernel.executeDBQuery(
        `SELECT vref FROM clist WHERE endpoint LIKE 'r%' ORDER BY vref`,
      );
    };
    const left = async (): Promise<unknown> => [
      await names(pair.a),
      await names(pair.b),
    ];
    await expect.poll(left, { timeout: 10_000, interval: 100 }).toStrictEqual([
      // The gates, and the bank.
      [{ vref: 'o+0' }, { vref: 'o-0' }, { vref: 'o-1' }],
      [{ vref: 'o+0' }, { vref: 'o+1' }, { vref: 'o-0' }],
    ]);
    for (const t of [pair.a, pair.b]) {
      expect(
        t.kernel.executeDBQuery('SELECT * FROM stale_names'),
      ).toStrictEqual([]);
      await expect
        .poll(() => t.kernel.executeDBQuery('SELECT * FROM remote_outbox'))
        .toStrictEqual([]);
    }
  }, 30_000);
});

describe('messages to a result that turns out to be here', () => {
  const sender = `
    return makeDefaultExo('Sender', {
      run: async (bank, other) => {
        const log = [];
        const mine = makeDefaultExo('Log', { note: (n) => { log.push(n); } });
        const p = E(bank).echo(mine);
        let n = 0;
        let isSettled = false;
        p.then(() => { isSettled = true; });
        let last;
        while (!isSettled) { last = E(p).note(n); n += 1; await E(other).ping(); }
        await E(p).note('direct');
        await last;
        return harden({ inOrder: log.every((x, i) => x === (i < n ? i : 'direct')), all: log.length === n + 1, log });
      },
    });`;

  it('arrive before those that are sent to it directly', async () => {
    const pair = await openPair();
    const { bankAtB, clientRoot } = await introduce(pair);
    const root = await pair.b.launch(sender);
    pair.network.slow(20);
    for (let i = 0; i < 3; i += 1) {
      expect(
        await pair.b.call(
          root,
          'run',
          { '@ref': bankAtB },
          { '@ref': clientRoot },
        ),
      ).toMatchObject({ inOrder: true, all: true });
    }
  });
});

describe('vats', () => {
  it('issue and redeem URLs of other kernels through their services', async () => {
    const { kernels } = await openLinkedKernels(2);
    const [a, b] = kernels as [TestKernel, TestKernel];
    const launchWith = async (t: TestKernel, body: string): Promise<string> => {
      const { rootKref } = await t.kernel.launchSubcluster({
        bootstrap: 'main',
        vats: { main: { bundleSpec: vatSource(body) } },
        services: ['ocapURLIssuerService', 'ocapURLRedemptionService'],
      });
      return rootKref;
    };
    const issuer = await launchWith(
      a,
      `let services;
       return makeDefaultExo('Issuer', {
         bootstrap: (_, given) => { services = given; },
         share: () => E(services.ocapURLIssuerService).issue(makeDefaultExo('Thing', { hi: () => 'hi from a' })),
       });`,
    );
    const redeemer = await launchWith(
      b,
      `let services;
       return makeDefaultExo('Redeemer', {
         bootstrap: (_, given) => { services = given; },
         use: (url) => E(E(services.ocapURLRedemptionService).redeem(url)).hi(),
       });`,
    );
    const url = await a.call(issuer, 'share');
    expect(await b.call(redeemer, 'use', url)).toBe('hi from a');
    await expect(
      b.call(redeemer, 'use', String(url).replace(/^ocap:./u, 'ocap:x')),
    ).rejects.toThrow(/URL/u);
  });
});
