import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { LimitValues } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import {
  openLinkedKernels,
  share,
  statusOfPeer,
} from './testing/linked-kernels.ts';
import { call, data, hello } from './testing/peer-frames.ts';
import type { TestKernel } from './testing/test-kernel.ts';

const peerId = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';
const vat = `return makeDefaultExo('Vat', { hi: () => 'hi' });`;

const open = async (limits: Partial<LimitValues> = {}) => {
  const { network, kernels, peerIds } = await openLinkedKernels(2, limits);
  const [a, b] = kernels as [TestKernel, TestKernel];
  const connect = (sign = 'V') =>
    network.connectAs(`${peerId.slice(0, -1)}${sign}`, peerIds[0] ?? '');
  const known = (): string[] =>
    a.kernel
      .executeDBQuery('SELECT peer_id FROM remotes')
      .map((row) => String(row['peer_id']).slice(-1));
  return { network, a, b, connect, known, honest: peerIds[1]?.slice(-1) };
};

/** A call with a promise that it will never settle. */
const leavePromise = data([call('o-0', ['redeem', 'x'], null, ['p+7'])]);

describe('strangers', () => {
  it('keep nobody out by what they leave', async () => {
    const { a, b, connect, known, honest } = await open({ remotePeers: 3 });
    const atB = await share(a, await a.launch(vat), b);
    for (const sign of ['A', 'B', 'C', 'D', 'E']) {
      const { link, received } = connect(sign);
      link.send(hello({ session: sign }));
      link.send(leavePromise);
      await expect.poll(() => received.join()).toMatch(/"ack","received":1/u);
      link.close('enough');
      await delay(5);
    }
    expect(known().toSorted()).toStrictEqual([honest, 'D', 'E'].toSorted());
    expect(await b.call(atB, 'hi')).toBe('hi');
  });

  it('that were given something are strangers no more', async () => {
    const { a, connect, known } = await open({ remotePeers: 2 });
    const { url } = await a.kernel.issueOcapURL(await a.launch(vat));
    const token = url.slice('ocap:'.length).split('@')[0];
    const first = connect('A');
    first.link.send(hello());
    first.link.send(data([call('o-0', ['redeem', token], 'p+1')]));
    await expect.poll(() => first.received.join()).toMatch(/"o\+1"/u);
    first.link.close('for now');
    for (const sign of ['B', 'C', 'D']) {
      const { link, received } = connect(sign);
      link.send(hello({ session: sign }));
      await expect.poll(() => received.length).toBeGreaterThan(0);
    }
    expect(known().toSorted()).toStrictEqual(['A', 'D']);
  });

  it('that all come at once find that some are forgotten, and nothing else', async () => {
    const { a, b, connect, known } = await open({ remotePeers: 2 });
    const atB = await share(a, await a.launch(vat), b);
    for (const sign of ['A', 'B', 'C', 'D', 'E', 'F']) {
      connect(sign).link.send(hello({ session: sign }));
    }
    expect(await b.call(atB, 'hi')).toBe('hi');
    expect(known()).toHaveLength(2);
  });

  const redeem = (count: number) =>
    Array.from({ length: count }, () => call('o-0', ['redeem', 'x']));
  const leave = (count: number, from: number) =>
    call(
      'o-0',
      ['redeem', 'x'],
      null,
      Array.from({ length: count }, (_, i) => `p+${from + i}`),
    );

  it.each<[string, unknown[], unknown[]]>([
    ['in one frame', redeem(10), redeem(11)],
    // Beside the two gates, which they have from the start.
    ['altogether', [leave(8, 1)], [leave(1, 9)]],
  ])('name so much at most, %s', async (_, first, then) => {
    const { connect } = await open({ remoteStrangerNames: 10 });
    const { link, received, closed } = connect();
    link.send(hello());
    link.send(data(first));
    await expect.poll(() => received.join()).toMatch(/"ack","received":1/u);
    expect(closed).toStrictEqual([]);
    link.send(data(then, { seq: 2 }));
    await expect.poll(() => closed.length).toBe(1);
    expect(received.at(-1)).toMatch(/"refused".*more than a stranger may/u);
  });

  it('introduce themselves so often at most on one link', async () => {
    const { connect } = await open();
    const { link, received, closed } = connect();
    Array.from({ length: 100 }, () => link.send(hello()));
    link.send(data([]));
    await expect.poll(() => received.join()).toMatch(/"received":1/u);
    expect(closed).toStrictEqual([]);
    link.send(hello());
    await expect.poll(() => closed.length).toBe(1);
    expect(received.at(-1)).toMatch(/"refused".*again and again/u);
  });

  it('are not called back at the addresses that they tell', async () => {
    const { a, connect, network } = await open();
    const { link, received } = connect();
    link.send(hello({ addresses: ['/memory/somewhere'] }));
    link.send(leavePromise);
    await expect.poll(() => received.join()).toMatch(/"ack","received":1/u);
    link.close('enough');
    network.block(true);
    network.block(false); // whoever is wanted is tried again now
    await delay(50);
    const stranger = statusOfPeer(a, peerId);
    expect(stranger?.state).toBe('away');
    expect(stranger?.problem).toBe('enough');
  });
});

describe('a peer that claims to have lost its state', () => {
  it('is believed so many times a minute', async () => {
    const { connect } = await open({ remoteNewSessions: 3 });
    const { link, received, closed } = connect();
    const sessions = (): number =>
      new Set(received.join().match(/"session":"\w+"/gu)).size;
    for (let count = 1; count <= 4; count += 1) {
      link.send(hello({ session: `s${count}` }));
      await expect.poll(sessions).toBe(count);
    }
    expect(closed).toStrictEqual([]);
    link.send(hello({ session: 's5' }));
    await expect.poll(() => closed.length).toBe(1);
    expect(received.at(-1)).toMatch(/"refused".*remoteNewSessions/u);
  });
});
