/** What a kernel keeps of the answers that another one has not taken, or not forgotten. */
import './daemon/lockdown.ts';
import type { LimitValues } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import {
  openLinkedKernels,
  share,
  statusOfPeer,
} from './testing/linked-kernels.ts';
import { call } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';
import { connectVerbatimPeer } from './testing/verbatim-peer.ts';

const MAX = 10_000;
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

/** A peer that was given the vat. */
const open = async (limits: Partial<LimitValues> = {}) => {
  const { network, kernels, peerIds } = await openLinkedKernels(2, {
    remoteAnswerBytes: MAX,
    ...limits,
  });
  const [a, b] = kernels as [TestKernel, TestKernel];
  const { rootKref } = await a.kernel.launchSubcluster({
    bootstrap: 'main',
    services: ['random'],
    vats: { main: { bundleSpec: vat } },
  });
  const peer = await connectVerbatimPeer(network, a, peerIds[0], rootKref);
  const kept = (): number | undefined =>
    statusOfPeer(a, peer.peerId)?.answerChars;
  await expect.poll(kept).toBe(0);
  return { a, b, rootKref, kept, ...peer };
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

  it('are so many at most: who asks for one more is cut off', async () => {
    const remoteAnswers = 3;
    const { ask, say, received } = await open({ remoteAnswers });
    const { forget } = await ask('o-1', 'told');
    for (let count = 2; count <= remoteAnswers; count += 1) {
      expect((await ask('o-1', 'told')).rejected).toBe(false);
    }
    forget();
    expect((await ask('o-1', 'told')).rejected).toBe(false);
    expect(received.join()).not.toMatch(/"refused"/u);
    say(call('o-1', ['told'], 'p+99'));
    await expect
      .poll(() => received.join())
      .toMatch(/"refused".*remoteAnswers/u);
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

describe('a kernel that asks for more at once than another has waiting', () => {
  const asker = `
    return makeDefaultExo('Asker', {
      ask: async (whom, count) => {
        const asked = Array.from({ length: count }, (_, i) => E(whom).double(i));
        return (await Promise.all(asked)).every((x, i) => x === 2 * i);
      },
    });`;
  const answerer = `return makeDefaultExo('Answerer', { double: (x) => 2 * x });`;

  it('is told all of it', async () => {
    const { kernels } = await openLinkedKernels(2, {}, { waitingMessages: 20 });
    const [a, b] = kernels as [TestKernel, TestKernel];
    const atB = await share(a, await a.launch(answerer), b);
    const root = await b.launch(asker);
    expect(await b.call(root, 'ask', { '@ref': atB }, 1500)).toBe(true);
  }, 60_000);

  it('is told all of it, also if the other does the same', async () => {
    const { kernels } = await openLinkedKernels(2, { waitingMessages: 300 });
    const [a, b] = kernels as [TestKernel, TestKernel];
    const askAll = async (from: TestKernel, to: TestKernel) => {
      const shared = await share(from, await from.launch(answerer), to);
      const askers = await Promise.all(
        Array.from({ length: 6 }, async () => to.launch(asker)),
      );
      return Promise.all(
        askers.map(async (root) =>
          to.call(root, 'ask', { '@ref': shared }, 250),
        ),
      );
    };
    const all = await Promise.all([askAll(a, b), askAll(b, a)]);
    expect(new Set(all.flat())).toStrictEqual(new Set([true]));
  }, 60_000);
});
