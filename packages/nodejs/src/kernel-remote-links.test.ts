/** What two kernels do about links that are lost, and about those that carry little. */
import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerLink } from '@ocap/kernel';
import { expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import { call as message, data, hello } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const echo = `
  return makeDefaultExo('Echo', { echo: (value) => value });`;

/** A way to call an object of the other kernel, from each of them. */
const openPair = async () => {
  const { network, kernels } = await openLinkedKernels(2);
  const [a, b] = kernels as [TestKernel, TestKernel];
  const atB = await share(a, await a.launch(echo), b);
  const atA = await share(b, await b.launch(echo), a);
  return {
    network,
    calls: [
      async (value: string) => b.call(atB, 'echo', value),
      async (value: string) => a.call(atA, 'echo', value),
    ],
  };
};

it('one link is opened in place of one that was lost', async () => {
  const { network, calls } = await openPair();
  const all = Array.from({ length: 200 }, (_, i) =>
    calls.map(async (call) => call(`${i}`)),
  );
  await delay(15);
  network.sent.length = 0;
  network.cut();
  await Promise.all(all.flat());
  const hellos = network.sent.filter(({ text }) =>
    text.startsWith('{"type":"hello"'),
  );
  expect(hellos).toHaveLength(2);
});

it.each([
  ['says nothing', undefined],
  ['says so', 64 * 1024],
  ['says that it carries more', 1_000_000],
])(
  'more may wait on both sides than a link carries, if its relay %s',
  async (_, said) => {
    const { network, calls } = await openPair();
    network.block(true);
    const texts = Array.from({ length: 300 }, (_, i) => 'x'.repeat(1000) + i);
    const answers = calls.map(async (call) => Promise.all(texts.map(call)));
    await delay(100);
    network.relay(64 * 1024, said);
    network.block(false);
    expect(await Promise.all(answers)).toStrictEqual([texts, texts]);
  },
  30_000,
);

const peer = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';

it('frames follow on a new link whose introduction is older than an acknowledgement on the last', async () => {
  const { network, peerIds } = await openLinkedKernels(1);
  const answer = (promise: string) =>
    expect.stringMatching(RegExp(`"type":"data".*"p-${promise}",false`, 'u'));
  const first = network.connectAs(peer, peerIds[0] ?? '');
  first.link.send(hello());
  first.link.send(data([message('o-0', ['sync'], 'p+1')]));
  await expect.poll(() => first.received).toContainEqual(answer('1'));
  first.link.send(JSON.stringify({ type: 'ack', received: 1 }));
  const second = network.connectAs(peer, peerIds[0] ?? '');
  second.link.send(hello({ received: 0 }));
  second.link.send(data([message('o-0', ['sync'], 'p+2')], { seq: 2 }));
  await expect.poll(() => second.received).toContainEqual(answer('2'));
});

/** The other side would have to cut it off. */
it('a kernel that is stopped before it could introduce itself says nothing else either', async () => {
  const { network, kernels, peerIds } = await openLinkedKernels(1);
  const [a] = kernels as [TestKernel];
  const first = network.connectAs(peer, peerIds[0] ?? '');
  first.link.send(hello());
  first.link.send(data([message('o-0', ['sync'], 'p+1')]));
  await expect.poll(() => first.received.join()).toContain('"type":"data"');
  const second = network.connectAs(peer, peerIds[0] ?? '');
  second.link.send(hello());
  // Heard by then, and not yet answered: that takes a commit.
  await new Promise(setImmediate);
  await a.reopen();
  await delay(20);
  const [said = hello()] = second.received;
  expect(said).toContain('"type":"hello"');
});

/** Found by the simulation, seed 6544. */
it('goes on where the other side is, if it has told that on a link that was not kept', async () => {
  const { network, kernels, peerIds } = await openLinkedKernels(1);
  const [a] = kernels as [TestKernel];
  // Behind that of the kernel in their order: so the link of the kernel is kept.
  const stranger = `12D3KooW${'z'.repeat(44)}`;
  network.relay(10_000_000);
  const links: { link: PeerLink; received: string[]; closed: string[] }[] = [];
  const transport = network.transport(() => stranger);
  await transport.start({}, (link) => {
    const one = { link, received: [] as string[], closed: [] as string[] };
    links.push(one);
    return {
      onFrame: (text) => void one.received.push(text),
      onClosed: (reason) => void one.closed.push(reason),
    };
  });
  await a.kernel.initRemoteComms({});
  // It wants something of the other side, so it calls.
  const wanted = `ocap:${'0'.repeat(64)}@${stranger},%2Fmemory%2Fz`;
  void a.kernel.redeemOcapURL(wanted).catch(() => undefined);
  const { url } = await a.kernel.issueOcapURL(await a.launch(echo));
  const token = url.slice('ocap:'.length).split('@')[0];
  await expect.poll(() => links.length).toBe(1);
  const [first] = links as [(typeof links)[number]];
  const hears = async (pattern: RegExp): Promise<void> =>
    expect.poll(() => first.received.join('\n')).toMatch(pattern);
  await hears(/hello/u);
  const { session } = JSON.parse(first.received[0] ?? '') as {
    session: string;
  };
  first.link.send(hello({ yours: session }));
  first.link.send(data([message('o-0', ['redeem', token], 'p+1')]));
  await hears(/"slots":\["o\+2"\]/u);
  // More than a link takes before anything is acknowledged.
  const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(6000));
  for (const [i, text] of texts.entries()) {
    const seq = i + 2;
    first.link.send(
      data([message('o-2', ['echo', text], `p+${seq}`)], { seq }),
    );
    await hears(RegExp(`"received":${seq}`, 'u'));
  }
  const newest = (): number => {
    const all = first.received.join().matchAll(/"type":"data","seq":(\d+)/gu);
    return Math.max(...[...all].map(([, seq]) => Number(seq)));
  };
  await delay(100);
  const sent = newest();
  const [made] = a.kernel.executeDBQuery('SELECT sent FROM remotes');
  expect(sent).toBeLessThan(Number(made?.['sent']) - 1);
  await transport.connect(peerIds[0] ?? '', []);
  const [, second] = links as [unknown, (typeof links)[number]];
  second.link.send(
    hello({ yours: session, received: Number(made?.['sent']) - 1 }),
  );
  await expect.poll(() => second.closed).toHaveLength(1);
  first.link.send(JSON.stringify({ type: 'ack', received: sent }));
  await hears(RegExp(`"type":"data","seq":${made?.['sent']},`, 'u'));
  expect(first.closed).toStrictEqual([]);
});
