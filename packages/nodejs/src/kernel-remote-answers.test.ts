/** What a kernel keeps of the answers that another one has not taken, or not forgotten. */
import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openLinkedKernels, share } from './testing/linked-kernels.ts';
import { call, data, hello } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const MAX = 10_000;
const PEER = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';
/** Beside the characters of a string, what its encoding has: `#""`, and `[]` for its references. */
const AROUND = 5;

const vat = vatSource(`
  let told = 0;
  let service;
  return makeDefaultExo('Vat', {
    bootstrap: (_, { random }) => { service = random; },
    big: (length) => 'x'.repeat(length - ${AROUND}),
    random: () => service,
    tell: () => { told += 1; },
    told: () => told,
  });`);

/** A peer that says word by word what it is told to, and has the vat as `o-1`. */
const open = async () => {
  const { network, kernels, peerIds } = await openLinkedKernels(2, {
    remoteAnswerBytes: MAX,
  });
  const [a, b] = kernels as [TestKernel, TestKernel];
  const { rootKref } = await a.kernel.launchSubcluster({
    bootstrap: 'main',
    services: ['random'],
    vats: { main: { bundleSpec: vat } },
  });
  const { url } = await a.kernel.issueOcapURL(rootKref);
  const { link, received } = network.connectAs(PEER, peerIds[0] ?? '');
  link.send(hello());
  let seq = 0;
  let results = 0;
  const say = (...ops: unknown[]): void => {
    seq += 1;
    link.send(data(ops, { seq }));
  };
  const answers = (): readonly [string, boolean, { body: string }][] =>
    received
      .map((text) => JSON.parse(text) as { ops?: [string, never][] })
      .flatMap(({ ops = [] }) => ops)
      .flatMap(([name, told]) => (name === 'resolve' ? told : []));
  /** Resolves to what the peer is told of the result. */
  const ask = async (target: string, ...methargs: unknown[]) => {
    results += 1;
    const result = `p+${results}`;
    const seen = `p-${results}`;
    say(call(target, methargs, result));
    await expect
      .poll(() => answers().some(([name]) => name === seen))
      .toBe(true);
    const [, rejected, { body }] = answers().find(([name]) => name === seen)!;
    return { rejected, body, forget: () => say(['forget', [result]]) };
  };
  const kept = (): number | undefined =>
    a.kernel
      .getStatus()
      .remoteComms?.peers.find(({ peerId }) => peerId === PEER)?.answers;
  const token = url.slice('ocap:'.length).split('@')[0];
  const { forget } = await ask('o-0', 'redeem', token);
  forget();
  await expect.poll(kept).toBe(0);
  return { a, b, rootKref, say, ask, kept };
};

describe('answers that a peer does not forget', () => {
  it('are kept up to a limit; beyond it, what asks for more is rejected until it does', async () => {
    const { ask, kept } = await open();
    const first = await ask('o-1', 'big', MAX - 1);
    expect(kept()).toBe(MAX - 1);
    // Below the limit, be it by one: what it then is told may go beyond.
    const second = await ask('o-1', 'big', 5000);
    expect(second.rejected).toBe(false);
    expect(second.body).toHaveLength(5000 - '[]'.length);
    expect(kept()).toBe(MAX - 1 + 5000);
    first.forget();
    await expect.poll(kept).toBe(5000);

    const third = await ask('o-1', 'big', MAX - 5000);
    expect(third.rejected).toBe(false);
    expect(kept()).toBe(MAX);
    const fourth = await ask('o-1', 'big', 100);
    expect(fourth.rejected).toBe(true);
    expect(fourth.body).toMatch(
      /remoteAnswerBytes was reached: 10000 of at most 10000 characters of answers/u,
    );
    third.forget();
    fourth.forget();
    await expect.poll(kept).toBe(5000);
    expect((await ask('o-1', 'big', 100)).rejected).toBe(false);
  });

  it('are nothing to the gate, which is needed to go on', async () => {
    const { a, rootKref, ask } = await open();
    await ask('o-1', 'big', MAX);
    expect((await ask('o-1', 'big', 100)).rejected).toBe(true);
    const { url } = await a.kernel.issueOcapURL(rootKref);
    const token = url.slice('ocap:'.length).split('@')[0];
    expect((await ask('o-0', 'redeem', token)).rejected).toBe(false);
    expect((await ask('o-0', 'sync')).rejected).toBe(false);
  });

  it('keep nobody else from being answered, nor the peer from what has no answer', async () => {
    const { a, b, rootKref, say, ask } = await open();
    await ask('o-1', 'big', MAX);
    expect((await ask('o-1', 'big', 100)).rejected).toBe(true);
    say(call('o-1', ['tell']));
    await expect.poll(async () => a.call(rootKref, 'told')).toBe(1);
    const atB = await share(a, rootKref, b);
    for (let round = 0; round < 3; round += 1) {
      expect(await b.call(atB, 'big', MAX)).toHaveLength(MAX - AROUND);
    }
  });

  it('are counted also by the next daemon', async () => {
    const { a, ask, kept } = await open();
    await ask('o-1', 'big', 7000);
    const before = kept();
    expect(before).toBe(7000);
    await a.reopen();
    await a.kernel.initRemoteComms({});
    expect(kept()).toBe(7000);
  });

  it('may be those of services', async () => {
    const { ask } = await open();
    (await ask('o-1', 'random')).forget();
    expect((await ask('o-2', 'hex', MAX / 2)).rejected).toBe(false);
    const refused = await ask('o-2', 'hex', 1);
    expect(refused.rejected).toBe(true);
    expect(refused.body).toMatch(/remoteAnswerBytes/u);
  });
});
