/** Transports that reach each other through relays only: real nodes, on loopback. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import {
  linkOf,
  startTestPeer,
  type TestPeer,
} from '../testing/peer-transport.ts';
import { startTestRelay } from '../testing/relay-server.ts';
import { silentPort } from '../testing/silent-port.ts';
import { stallThrough } from '../testing/stalling-peer.ts';

const patience = { timeout: 15_000, interval: 10 };

const untilReachable = async (peer: TestPeer, count = 1): Promise<void> =>
  vi.waitFor(() => expect(peer.addresses()).toHaveLength(count), patience);

describe('through a relay', () => {
  it('peers that listen nowhere reach each other', async () => {
    const relay = await startTestRelay();
    const there = await startTestPeer({ relays: [relay.address] });
    const here = await startTestPeer();
    await untilReachable(there);
    expect(there.addresses()).toEqual([`${relay.address}/p2p-circuit`]);
    expect(here.addresses()).toEqual([]);
    const link = await here.connect(there);
    const other = await linkOf(there);
    expect(link).toMatchObject({ peerId: there.peerId, isRelayed: true });
    expect(other).toMatchObject({ peerId: here.peerId, isRelayed: true });
    const large = 'x'.repeat(10_000_000);
    link.send(large);
    other.send('back');
    await vi.waitFor(() => {
      expect(other.frames[0] === large).toBe(true);
      expect(link.frames).toEqual(['back']);
    }, patience);
  });

  it('nobody is taken for another peer', async () => {
    const relay = await startTestRelay();
    const there = await startTestPeer({ relays: [relay.address] });
    const victim = await startTestPeer();
    const here = await startTestPeer();
    await untilReachable(there);
    await expect(
      here.transport.connect(victim.peerId, there.addresses()),
    ).rejects.toThrow(/p2p-circuit/u);
    expect(there.links).toEqual([]);
  });

  it('strangers who never end their handshake keep nobody out', async () => {
    const relay = await startTestRelay();
    const there = await startTestPeer({
      relays: [relay.address],
      limits: { remoteHandshakes: 2 },
    });
    await untilReachable(there);
    const address = `${relay.address}/p2p-circuit/p2p/${there.peerId}`;
    const stalled = await stallThrough(address, 5);
    await vi.waitFor(
      () => expect(stalled.filter(({ isOver }) => isOver())).toHaveLength(3),
      patience,
    );
    expect(stalled.map(({ isOver }) => isOver())).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    const here = await startTestPeer();
    expect(await here.connect(there)).toMatchObject({ isRelayed: true });
  });

  it('a direct way is taken if there is one', async () => {
    const relay = await startTestRelay();
    const there = await startTestPeer({
      listen: ['/ip4/127.0.0.1/tcp/0'],
      relays: [relay.address],
    });
    const here = await startTestPeer();
    await untilReachable(there, 2);
    const relayedFirst = there.addresses().toReversed();
    expect(relayedFirst[0]).toMatch(/p2p-circuit$/u);
    expect(await here.connect(there, relayedFirst)).toMatchObject({
      isRelayed: false,
    });
  });

  it('the relay is taken if nobody answers directly', async () => {
    const relay = await startTestRelay();
    const there = await startTestPeer({ relays: [relay.address] });
    const here = await startTestPeer({ limits: { remoteConnectMs: 3000 } });
    await untilReachable(there);
    const silent = await silentPort();
    const nobody = ['/ip4/127.0.0.1/tcp/1', `/ip4/127.0.0.1/tcp/${silent}`];
    expect(
      await here.connect(there, [...nobody, ...there.addresses()]),
    ).toMatchObject({ isRelayed: true });
  });

  it('a link that the relay cuts is closed with a reason, and another can be opened', async () => {
    const relay = await startTestRelay({ maxBytes: 100_000 });
    const there = await startTestPeer({ relays: [relay.address] });
    const here = await startTestPeer();
    await untilReachable(there);
    const link = await here.connect(there);
    const other = await linkOf(there);
    link.send('small');
    await vi.waitFor(() => expect(other.frames).toEqual(['small']), patience);
    link.send('x'.repeat(200_000));
    await vi.waitFor(() => {
      expect(link.closings).toEqual([expect.stringMatching(/relay|cut/u)]);
      expect(other.closings).toHaveLength(1);
    }, patience);
    const again = await here.connect(there);
    again.send('small again');
    const otherAgain = await linkOf(there, 2);
    await vi.waitFor(
      () => expect(otherAgain.frames).toEqual(['small again']),
      patience,
    );
  });

  it('peers are reachable again after it was restarted, and are told', async () => {
    const first = await startTestRelay();
    const there = await startTestPeer({ relays: [first.address] });
    const here = await startTestPeer({ relays: [first.address] });
    await untilReachable(there);
    const link = await here.connect(there);
    const changes: (readonly string[])[] = [];
    there.transport.onChange(() => changes.push(there.addresses()));
    await first.stop();
    await vi.waitFor(() => {
      expect(link.closings).toHaveLength(1);
      expect(changes).toEqual([[]]);
    }, patience);
    await startTestRelay({ port: first.port });
    await untilReachable(there);
    expect(changes).toEqual([[], there.addresses()]);
    expect(await here.connect(there)).toMatchObject({ isRelayed: true });
  });

  it('peers are reachable once it is there, also if it was not at first', async () => {
    const relay = await startTestRelay();
    await relay.stop();
    const there = await startTestPeer({ relays: [relay.address] });
    expect(there.addresses()).toEqual([]);
    await startTestRelay({ port: relay.port });
    await untilReachable(there);
  });

  it('peers are reachable at each of several, and at the rest if one is gone', async () => {
    const one = await startTestRelay({ name: 1 });
    const other = await startTestRelay({ name: 2 });
    const there = await startTestPeer({ relays: [one.address, other.address] });
    await untilReachable(there, 2);
    await one.stop();
    await untilReachable(there, 1);
    const here = await startTestPeer();
    expect(await here.connect(there)).toMatchObject({ isRelayed: true });
  });
});

it('a peer that is no relay is tried again until it is one', async () => {
  const relay = await startTestRelay();
  await relay.stop();
  const seed = new Uint8Array(32).fill(1);
  const listen = [`/ip4/127.0.0.1/tcp/${relay.port}`];
  const impostor = await startTestPeer({ seed, listen });
  const there = await startTestPeer({ relays: [relay.address] });
  // It takes a while to have been asked.
  await pause(1000);
  expect(there.addresses()).toEqual([]);
  await impostor.transport.stop();
  await startTestRelay({ port: relay.port });
  await untilReachable(there);
});
