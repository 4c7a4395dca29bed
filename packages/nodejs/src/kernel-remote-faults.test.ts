import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import { call, data, hello } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const vat = `
  const kits = {};
  return makeDefaultExo('Vat', {
    hi: () => 'hi',
    later: (tag) => (kits[tag] ??= makePromiseKit()).promise,
    ask: (o, method, ...args) => E(o)[method](...args),
    thing: () => makeDefaultExo('Thing', { hi: () => 'thing' }),
  });`;

const stranger = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';

const send = (
  target: string,
  result: string | null = null,
  slots: string[] = [],
) => call(target, ['hi'], result, slots);

const open = async () => {
  const { network, kernels, peerIds } = await openLinkedKernels(2);
  const [a, b] = kernels as [TestKernel, TestKernel];
  const root = await a.launch(vat);
  const atB = await share(a, root, b);
  /** Another peer, in the wrong hands. */
  const attack = async (...frames: string[]) => {
    const line = network.connectAs(stranger, peerIds[0] ?? '');
    for (const frame of frames) {
      line.link.send(frame);
      await delay(20);
    }
    return line;
  };
  return { network, a, b, root, atB, attack };
};

const violations: [string, string[]][] = [
  ['gives up its gate', [hello(), data([['retireExports', ['o+0']]])]],
  ['says no JSON', ['hello']],
  ['says null', ['null']],
  ['says a frame of no known type', ['{"type":"constructor"}']],
  ['does not introduce itself', [data([])]],
  ['leaves a frame out', [hello(), data([], { seq: 2 })]],
  [
    'acknowledges what was never sent',
    [hello(), '{"type":"ack","received":7}'],
  ],
  ['has received what was never sent', [hello({ received: 3 })]],
  ['has seen what was never sent', [hello(), data([], { seen: 9 })]],
  ['sends to what it was never given', [hello(), data([send('o-99')])]],
  [
    'passes what it was never given',
    [hello(), data([send('o-0', null, ['o-77'])])],
  ],
  [
    'sends to a promise that it was never given',
    [hello(), data([send('p-3')])],
  ],
  [
    'settles a promise that it was never given',
    [hello(), data([['resolve', [['p-3', false, { body: '#1', slots: [] }]]]])],
  ],
  [
    'settles one promise twice',
    [
      hello(),
      data([
        [
          'resolve',
          [
            ['p+5', false, { body: '#1', slots: [] }],
            ['p+5', false, { body: '#1', slots: [] }],
          ],
        ],
      ]),
    ],
  ],
  ['forgets what was not settled', [hello(), data([['forget', ['p+1']]])]],
  [
    'ends our vat',
    [hello(), data([['exit', true, { body: '#1', slots: [] }]])],
  ],
  ['names a durable object', [hello(), data([send('o+d1/2')])]],
  ['names what is no name', [hello(), data([send('__proto__')])]],
  ['says ops that are a record', [hello(), data({ length: 1 })]],
];

describe('a peer that breaks the protocol', () => {
  it.each(violations)(
    'that %s is cut off, and nobody else notices',
    async (_, frames) => {
      const { a, b, atB, attack } = await open();
      const calls = Array.from({ length: 5 }, async () => b.call(atB, 'hi'));
      const { received, closed } = await attack(...frames);
      await expect.poll(() => closed.length).toBe(1);
      expect(received.at(-1)).toMatch(/"type":"refused"/u);
      expect(a.logged.map(({ message }) => message).join()).toMatch(/cut off/u);
      expect(await Promise.all(calls)).toStrictEqual(Array(5).fill('hi'));
      expect(await b.call(atB, 'hi')).toBe('hi');
      if (!frames[0]?.includes('hello"')) {
        return; // a stranger is not remembered
      }
      // It is not listened to any more.
      const again = await attack(hello());
      await expect.poll(() => again.closed.length).toBe(1);
    },
  );

  it('that says what was said before is not believed twice', async () => {
    const { a, attack } = await open();
    const frame = data([send('o-0', 'p+1')]);
    const { received, closed } = await attack(hello(), frame, frame, frame);
    await expect
      .poll(() => received.filter((text) => text.includes('"ack"')).length)
      .toBeGreaterThan(1);
    expect(closed).toStrictEqual([]);
    expect(received.filter((text) => text.includes('"resolve"'))).toHaveLength(
      1,
    );
    expect(
      a.kernel.executeDBQuery(
        `SELECT received FROM remotes WHERE peer_id = '${stranger}'`,
      ),
    ).toStrictEqual([{ received: 1 }]);
  });

  it('finds nothing at the gate but what it has a token for', async () => {
    const { a, attack } = await open();
    const redeem = (token: unknown) =>
      data([
        [
          'send',
          'o-0',
          { body: `#${JSON.stringify(['redeem', [token]])}`, slots: [] },
          'p+1',
        ],
      ]);
    const { received } = await attack(hello(), redeem('0'.repeat(64)));
    await expect
      .poll(() => received.join())
      .toMatch(/"resolve",\[\["p-1",true.*URL_UNKNOWN/u);
    expect(a.kernel.getStatus().vats).toHaveLength(1);
  });
});

describe('a peer that has lost its state', () => {
  it('is met anew: what was between the two is gone, and a new URL works', async () => {
    const { network, kernels } = await openLinkedKernels(2);
    const [a, b] = kernels as [TestKernel, TestKernel];
    const root = await a.launch(vat);
    const mine = await b.launch(vat);
    const atB = await share(a, root, b);
    const pending = b
      .call(mine, 'ask', { '@ref': atB }, 'later', 'x')
      .catch(String);
    await b.call(atB, 'hi');
    network.block(true);
    await a.kernel.clearState();
    network.block(false);
    expect(await pending).toMatch(/has ended|PEER_LOST/u);
    await expect(b.call(atB, 'hi')).rejects.toThrow(/gone|terminated/u);
    const next = await a.launch(vat);
    expect(await b.call(await share(a, next, b), 'hi')).toBe('hi');
  });
});

describe('an object URL of another kernel', () => {
  it('is redeemed as often as it may be, by whom it may be, until it ends', async () => {
    const { kernels, peerIds } = await openLinkedKernels(3);
    const [a, b, c] = kernels as [TestKernel, TestKernel, TestKernel];
    const root = await a.launch(vat);
    const once = await a.kernel.issueOcapURL(root, { uses: 1 });
    await b.kernel.redeemOcapURL(once.url);
    await expect(b.kernel.redeemOcapURL(once.url)).rejects.toThrow(/as often/u);
    const forB = await a.kernel.issueOcapURL(root, { peer: peerIds[1] ?? '' });
    await expect(c.kernel.redeemOcapURL(forB.url)).rejects.toThrow(
      /another peer/u,
    );
    await b.kernel.redeemOcapURL(forB.url);
    const ended = await a.kernel.issueOcapURL(root);
    await a.kernel.revoke(ended.id);
    await expect(b.kernel.redeemOcapURL(ended.url)).rejects.toMatchObject({
      code: 'URL_REFUSED',
    });
    const late = await a.kernel.issueOcapURL(root, { expires: 1 });
    await expect(b.kernel.redeemOcapURL(late.url)).rejects.toThrow(
      /time was over/u,
    );
    const flipped = forB.url.replace(
      /^ocap:./u,
      (text) => `ocap:${text.endsWith('0') ? '1' : '0'}`,
    );
    await expect(b.kernel.redeemOcapURL(flipped)).rejects.toThrow(
      /stands for nothing/u,
    );
  });

  it('of a peer that is not there says so', async () => {
    const { network, kernels } = await openLinkedKernels(2, {
      remoteConnectMs: 200,
    });
    const [a, b] = kernels as [TestKernel, TestKernel];
    const { url } = await a.kernel.issueOcapURL(await a.launch(vat));
    network.block(true);
    await expect(b.kernel.redeemOcapURL(url)).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
    });
  });

  it('of a peer that is not there says so to everybody who asks at the same time', async () => {
    const { network, kernels } = await openLinkedKernels(2, {
      remoteConnectMs: 200,
    });
    const [a, b] = kernels as [TestKernel, TestKernel];
    const root = await a.launch(vat);
    const { url } = await a.kernel.issueOcapURL(root);
    network.block(true);
    const asked = await Promise.allSettled(
      [0, 50, 100].map(async (ms) => {
        await delay(ms);
        return b.kernel.redeemOcapURL(url);
      }),
    );
    for (const outcome of asked) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'PEER_UNREACHABLE' },
      });
    }
    await delay(300);
    expect(b.kernel.executeDBQuery('SELECT * FROM remotes')).toStrictEqual([]);
  });

  it('can be passed on by whoever has the object: through three kernels and back', async () => {
    const { kernels } = await openLinkedKernels(3);
    const [a, b, c] = kernels as [TestKernel, TestKernel, TestKernel];
    const root = await a.launch(vat);
    const atC = await share(b, await share(a, root, b), c);
    expect(await c.call(atC, 'hi')).toBe('hi');
    const thing = await c.kernel.queueMessage(atC, 'thing', []);
    expect(await c.call(String(thing.slots[0]), 'hi')).toBe('thing');
  });
});

describe('revoking', () => {
  it('ends what another kernel has, at once', async () => {
    const { a, b, root, atB } = await open();
    expect(await b.call(atB, 'hi')).toBe('hi');
    await a.kernel.revoke(root);
    await expect(b.call(atB, 'hi')).rejects.toThrow(/revoked/u);
  });
});

describe('a peer that does not come back', () => {
  it('is given up after the limit: who waits is told, and a new URL begins anew', async () => {
    const { network, kernels } = await openLinkedKernels(2, {
      remoteGoneMs: 300,
    });
    const [a, b] = kernels as [TestKernel, TestKernel];
    const root = await a.launch(vat);
    const atB = await share(a, root, b);
    network.block(true);
    await expect(b.call(atB, 'hi')).rejects.toThrow(/not reached for/u);
    await expect(b.call(atB, 'hi')).rejects.toThrow(/gone/u);
    network.block(false);
    expect(await b.call(await share(a, root, b), 'hi')).toBe('hi');
  });
});

describe('strangers', () => {
  it('are forgotten when there are too many, those first that were silent for longest', async () => {
    const { network, kernels, peerIds } = await openLinkedKernels(2, {
      remotePeers: 3,
    });
    const [a, b] = kernels as [TestKernel, TestKernel];
    const atB = await share(a, await a.launch(vat), b);
    for (const sign of ['A', 'B', 'C', 'D']) {
      const line = network.connectAs(
        `${stranger.slice(0, -1)}${sign}`,
        peerIds[0] ?? '',
      );
      line.link.send(hello({ session: sign }));
      await expect.poll(() => line.received.length).toBeGreaterThan(0);
      // Some stay, some go.
      if (sign < 'C') {
        line.link.close('enough');
      }
      await delay(5);
    }
    const known = a.kernel
      .executeDBQuery('SELECT peer_id FROM remotes ORDER BY seen_at')
      .map((row) => String(row['peer_id']).slice(-1));
    expect(known).toHaveLength(3);
    expect(known).toContain(peerIds[1]?.slice(-1));
    expect(known.slice(-2)).toStrictEqual(['C', 'D']);
    expect(await b.call(atB, 'hi')).toBe('hi');
  });
});
