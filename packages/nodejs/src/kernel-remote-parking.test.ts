/** Messages of another kernel that wait for something that may never come. */
import './daemon/lockdown.ts';
import type { LimitValues } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import {
  openLinkedKernels,
  share,
  statusOfPeer,
} from './testing/linked-kernels.ts';
import type { TestKernel } from './testing/test-kernel.ts';
import { connectVerbatimPeer } from './testing/verbatim-peer.ts';

const MAX = 3;
const limits = { remoteParkedMessages: MAX, waitingMessages: 2 };

const body = `
  let settle;
  let third;
  return makeDefaultExo('Vat', {
    hi: () => 'hi',
    later: () => new Promise((resolve) => { settle = resolve; }),
    settle: () => settle(makeDefaultExo('Later', { hi: () => 'hi at last' })),
    keep: (it) => { third = it; },
    third: () => third,
  });`;

const open = async (terms: Partial<LimitValues>, kernels = 1) => {
  const linked = await openLinkedKernels(kernels, terms);
  const [a, b] = linked.kernels as [TestKernel, TestKernel];
  const root = await a.launch(body);
  const peer = await connectVerbatimPeer(
    linked.network,
    a,
    linked.peerIds[0],
    root,
  );
  const parked = (): number | undefined => statusOfPeer(a, peer.peerId)?.parked;
  const other = () => statusOfPeer(a, linked.peerIds[1]);
  return { a, b, root, other, parked, ...peer };
};

describe('messages of another kernel that wait for a promise', () => {
  it('keep nothing else from arriving, and are so many at most', async () => {
    const { a, root, parked, send, ask, isTold } = await open(limits);
    const later = send('o-1', 'later');
    const waiting = Array.from({ length: MAX }, () => send(later, 'hi'));
    expect((await ask('o-1', 'hi')).body).toBe('#"hi"');
    const refused = await ask(later, 'hi');
    expect(refused.rejected).toBe(true);
    expect(refused.body).toMatch(/remoteParkedMessages was reached: 3 of at/u);
    expect((await ask('o-1', 'hi')).body).toBe('#"hi"');
    expect(waiting.some(isTold)).toBe(false);
    expect(a.logged.map(({ message }) => message).join()).toMatch(
      /messages of another kernel are rejected/u,
    );

    await a.call(root, 'settle');
    await expect.poll(() => waiting.every(isTold)).toBe(true);
    expect(parked()).toBe(0);
    expect((await ask(later, 'hi')).body).toBe('#"hi at last"');
  });

  it('are counted by their size, too', async () => {
    const text = 'x'.repeat(1000);
    const { send, ask, isTold } = await open({ remoteParkedBytes: 1000 });
    const later = send('o-1', 'later');
    const waiting = send(later, 'hi', text);
    expect((await ask(later, 'hi')).body).toMatch(/remoteParkedBytes/u);
    expect(isTold(waiting)).toBe(false);
  });
});

describe('messages of another kernel that wait for a third', () => {
  it('keep nothing else from arriving', async () => {
    const { a, b, root, other, parked, send, ask } = await open(limits, 2);
    const third = await share(b, await b.launch(body), a);
    await a.call(root, 'keep', { '@ref': third });
    expect((await ask('o-1', 'third')).body).toMatch(/\$0/u);
    await expect.poll(() => other()?.queued).toBe(0);
    await b.reopen({}); // where nobody reaches it
    await expect.poll(() => other()?.state).not.toBe('connected');
    send('o-2', 'hi'); // waits in a frame; what comes later has none
    await expect.poll(() => other()?.queued).toBe(1);
    Array.from({ length: MAX }, () => send('o-2', 'hi'));
    expect((await ask('o-2', 'hi')).body).toMatch(/remoteParkedMessages/u);
    expect((await ask('o-1', 'hi')).body).toBe('#"hi"');
    expect(parked()).toBe(MAX);
    await a.reopen();
    await a.kernel.initRemoteComms({});
    expect(parked()).toBe(MAX);
  });
});
