/** A relay and its peers: real libp2p nodes, on loopback. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  addressOf,
  heardOn,
  hopMessages,
  openEcho,
  openHop,
  startDeafListener,
  startListener,
  startPeer,
  startTestRelay,
} from './fixtures/peers.ts';
import * as relayModule from './index.ts';
import { startRelay, type Relay } from './start-relay.ts';

const seed = new Uint8Array(32).fill(7);
const text = (length: number): Uint8Array => new Uint8Array(length).fill(65);

/** Of a circuit that will be refused. */
const refusalOf = async (calling: Promise<unknown>): Promise<string> =>
  calling.then(
    () => 'not refused',
    (error: unknown) => String(error),
  );

describe('a relay', () => {
  it('lets two peers reach each other that know nothing but it (P-33)', async () => {
    const relay = await startTestRelay();
    const listener = await startListener(relay);
    const caller = await startPeer();
    const stream = await openEcho(relay, caller, listener);
    const heard = heardOn(stream);
    stream.send(new TextEncoder().encode('hello'));
    await vi.waitFor(() => expect(heard()).toBe('hello'));
    expect(relay.metrics()).toMatchObject({
      connections: 2,
      reservations: 1,
      circuits: 1,
      totals: { connections: 2, reservations: 1, circuits: 1 },
      refused: { connections: 0, reservations: 0, circuits: 0, malformed: 0 },
    });
    // The handshakes of the two with each other are in it, too.
    expect(relay.metrics().totals.relayedBytes).toBeGreaterThan(2 * 5);
    await caller.stop();
    await vi.waitFor(() => expect(relay.metrics().circuits).toBe(0));
  });

  it('joins a peer that came by WebSocket with one that came by TCP', async () => {
    const relay = await startTestRelay();
    const listener = await startListener(relay, 'ws');
    const stream = await openEcho(relay, await startPeer(), listener);
    const heard = heardOn(stream);
    stream.send(text(300_000));
    await vi.waitFor(() => expect(heard()).toHaveLength(300_000), 10_000);
  });

  it('has the peer id that follows from its identity, at each start', async () => {
    // RFC 8032, test 1, as in the tests of a daemon's identity.
    const identity = Uint8Array.from(
      Buffer.from(
        '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
        'hex',
      ),
    );
    const first = await startTestRelay({ identity });
    expect(first.peerId).toBe(
      '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV',
    );
    await first.stop();
    expect((await startTestRelay({ identity })).peerId).toBe(first.peerId);
    const other = await startTestRelay({ identity: seed });
    expect(other.peerId).not.toBe(first.peerId);
  });

  it('listens at one address of the machine, if it is told to', async () => {
    const relay = await startRelay({
      host: '127.0.0.1',
      tcpPort: 0,
      wsPort: 0,
    });
    onTestFinished(async () => relay.stop());
    expect(relay.addresses()).toHaveLength(2);
    for (const address of relay.addresses()) {
      expect(address).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]/u);
    }
  });

  it('stops for good, once', async () => {
    const relay = await startTestRelay();
    const address = addressOf(relay);
    await Promise.all([relay.stop(), relay.stop()]);
    const caller = await startPeer();
    await expect(caller.dial(multiaddr(address))).rejects.toThrow();
  });

  it('is what the package exports, apart from its main entry', async () => {
    expect(relayModule).toMatchObject({ startRelay: expect.any(Function) });
    expect(await import('../index.ts')).not.toHaveProperty('startRelay');
  });
});

describe('what a relay announces', () => {
  it('is its own addresses, and in a reservation, too', async () => {
    const relay = await startTestRelay();
    expect(relay.addresses()).toStrictEqual([
      expect.stringMatching(
        new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/p2p/${relay.peerId}$`, 'u'),
      ),
      expect.stringMatching(
        new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/ws/p2p/${relay.peerId}$`, 'u'),
      ),
    ]);
    const listener = await startListener(relay);
    expect(listener.getMultiaddrs().map(String).sort()).toStrictEqual(
      relay
        .addresses()
        .map((own) => `${own}/p2p-circuit/p2p/${listener.peerId.toString()}`)
        .sort(),
    );
  });

  it('is its public address and what else it is told to', async () => {
    const relay = await startTestRelay({
      publicIp: '203.0.113.7',
      announce: ['/dns4/relay.example.net/tcp/443/wss'],
    });
    const [tcp = '', ws = '', dns = ''] = relay.addresses();
    expect(tcp).toMatch(/^\/ip4\/203\.0\.113\.7\/tcp\/\d+\/p2p\//u);
    expect(ws).toMatch(/^\/ip4\/203\.0\.113\.7\/tcp\/\d+\/ws\/p2p\//u);
    expect(dns).toMatch(
      /^\/dns4\/relay\.example\.net\/tcp\/443\/.*wss?\/p2p\//u,
    );
    expect(relay.addresses()).toHaveLength(3);
  });
});

describe('reservations', () => {
  it('are given to as many peers as is said, and not to one more', async () => {
    const relay = await startTestRelay({ limits: { maxReservations: 2 } });
    await startListener(relay);
    const second = await startListener(relay);
    await expect(startListener(relay)).rejects.toThrow(/listen/u);
    expect(relay.metrics()).toMatchObject({
      reservations: 2,
      refused: { reservations: 1 },
    });
    // Who leaves makes room at once, not when the reservation would have ended.
    await second.stop();
    await vi.waitFor(() => expect(relay.metrics().reservations).toBe(1));
    await startListener(relay);
    expect(relay.metrics().reservations).toBe(2);
  });

  it('are one a peer, however often it asks', async () => {
    const relay = await startTestRelay({ limits: { maxReservations: 1 } });
    const peer = await startPeer();
    for (let times = 1; times <= 3; times += 1) {
      const hop = await openHop(relay, peer);
      hop.send(hopMessages.reserve);
      await vi.waitFor(() =>
        expect(relay.metrics().totals.reservations).toBe(times),
      );
    }
    expect(relay.metrics()).toMatchObject({
      reservations: 1,
      refused: { reservations: 0 },
    });
  });

  it('hold as long as they are renewed, and end when they are not', async () => {
    const timeouts = vi.spyOn(AbortSignal, 'timeout');
    const controllers = new Map<number, AbortController>();
    timeouts.mockImplementation((ms) => {
      const controller = new AbortController();
      if (ms === 61_234) controllers.set(controllers.size, controller);
      return controller.signal;
    });
    onTestFinished(() => void timeouts.mockRestore());
    const relay = await startTestRelay({ limits: { reservationMs: 61_234 } });
    const peer = await startPeer();
    for (let times = 1; times <= 3; times += 1) {
      (await openHop(relay, peer)).send(hopMessages.reserve);
      await vi.waitFor(() => expect(controllers.size).toBe(times));
    }
    controllers.get(0)?.abort();
    controllers.get(1)?.abort();
    expect(relay.metrics().reservations).toBe(1);
    controllers.get(2)?.abort();
    expect(relay.metrics().reservations).toBe(0);
  });
});

describe('circuits', () => {
  it('are cut at their limit of bytes', async () => {
    const relay = await startTestRelay({ limits: { circuitBytes: 100_000 } });
    const listener = await startListener(relay);
    const stream = await openEcho(relay, await startPeer(), listener);
    const heard = heardOn(stream);
    const closed = once(stream, 'close');
    stream.send(text(30_000));
    await vi.waitFor(() => expect(heard()).toHaveLength(30_000));
    stream.send(text(60_000));
    await closed;
    await vi.waitFor(() =>
      expect(relay.metrics()).toMatchObject({
        circuits: 0,
        reservations: 1,
        totals: { cutByBytes: 1, cutByTime: 0 },
      }),
    );
  });

  it('are cut at their limit of time', async () => {
    const relay = await startTestRelay({ limits: { circuitMs: 1000 } });
    const listener = await startListener(relay);
    const stream = await openEcho(relay, await startPeer(), listener);
    await once(stream, 'close');
    await vi.waitFor(() =>
      expect(relay.metrics()).toMatchObject({
        circuits: 0,
        totals: { cutByBytes: 0, cutByTime: 1 },
      }),
    );
  });

  it('are as many as is said, and not one more', async () => {
    const relay = await startTestRelay({ limits: { maxCircuits: 1 } });
    const listener = await startListener(relay);
    const first = await openEcho(relay, await startPeer(), listener);
    const late = await startPeer();
    expect(await refusalOf(openEcho(relay, late, listener))).toContain(
      'PERMISSION_DENIED',
    );
    expect(relay.metrics()).toMatchObject({
      circuits: 1,
      refused: { circuits: 1 },
    });
    expect(first.status).toBe('open');
  });

  it('lead only to who has a reservation', async () => {
    const relay = await startTestRelay();
    const nobody = await startPeer();
    const caller = await startPeer();
    expect(await refusalOf(openEcho(relay, caller, nobody))).toContain(
      'NO_RESERVATION',
    );
    expect(relay.metrics().refused).toMatchObject({ circuits: 1 });
  });

  it('of a receiver that does not read hold their sender back', async () => {
    const relay = await startTestRelay();
    const deaf = await startDeafListener(relay);
    const sender = await startPeer();
    const hop = await openHop(relay, sender);
    const heard = heardOn(hop);
    hop.send(hopMessages.connect(deaf));
    await vi.waitFor(() => expect(heard().length).toBeGreaterThan(0));
    const MiB = 1024 * 1024;
    for (let sent = 0; sent < 32; sent += 1) hop.send(text(MiB));
    // What was sent and has not left: it is the sender that has to keep it.
    let before = -1;
    await vi.waitFor(
      () => {
        const { relayedBytes } = relay.metrics().totals;
        const isSame = relayedBytes === before;
        before = relayedBytes;
        expect(isSame).toBe(true);
      },
      { interval: 500, timeout: 10_000 },
    );
    expect(hop.writeBufferLength).toBeGreaterThan(28 * MiB);
    expect(relay.metrics().totals.relayedBytes).toBeLessThan(3 * MiB);
    expect(hop.status).toBe('open');
  });

  it('bring everything to a receiver that is only slow', async () => {
    const relay = await startTestRelay();
    const listener = await startListener(relay);
    const slow = await startPeer();
    const stream = await openEcho(relay, slow, listener);
    const heard = heardOn(stream);
    stream.pause();
    stream.send(text(6_000_000));
    await vi.waitFor(() =>
      expect(relay.metrics().totals.relayedBytes).toBeGreaterThan(500_000),
    );
    stream.resume();
    await vi.waitFor(() => expect(heard()).toHaveLength(6_000_000), 15_000);
  });
});

describe('connections', () => {
  const reach = async (relay: Relay): Promise<string> => {
    const peer = await startPeer();
    return refusalOf(peer.dial(multiaddr(addressOf(relay))));
  };

  it('are as many from one address as is said, and not one more', async () => {
    const relay = await startTestRelay({ limits: { maxPerIp: 2 } });
    const first = await startPeer();
    await first.dial(multiaddr(addressOf(relay)));
    expect(await reach(relay)).toBe('not refused');
    expect(await reach(relay)).not.toBe('not refused');
    expect(relay.metrics()).toMatchObject({
      connections: 2,
      refused: { connections: 1 },
    });
    await first.stop();
    await vi.waitFor(() => expect(relay.metrics().connections).toBe(1));
    expect(await reach(relay)).toBe('not refused');
  });

  it('are as many altogether as is said, where all of them are in use', async () => {
    const relay = await startTestRelay({ limits: { maxConnections: 2 } });
    await startListener(relay);
    await startListener(relay);
    expect(await reach(relay)).not.toBe('not refused');
    expect(relay.metrics()).toMatchObject({
      connections: 2,
      refused: { connections: 1 },
    });
  });

  it('that serve nothing give way, the oldest first', async () => {
    const relay = await startTestRelay({ limits: { maxConnections: 3 } });
    const oldest = await startPeer();
    const connection = await oldest.dial(multiaddr(addressOf(relay)));
    const listener = await startListener(relay);
    const newest = await startPeer();
    await newest.dial(multiaddr(addressOf(relay)));
    await vi.waitFor(() => expect(connection.status).toBe('closed'));
    expect(listener.getConnections()).toHaveLength(1);
    expect(newest.getConnections()).toHaveLength(1);
  });

  it('come from one address no faster than is said', async () => {
    const relay = await startTestRelay({ limits: { inboundPerSecond: 2 } });
    const peers = await Promise.all([1, 2, 3, 4].map(async () => startPeer()));
    const reached = await Promise.all(
      peers.map(async (peer) =>
        refusalOf(peer.dial(multiaddr(addressOf(relay)))),
      ),
    );
    expect(reached.filter((how) => how === 'not refused')).toHaveLength(2);
    expect(relay.metrics().refused.connections).toBe(2);
  });

  it('on which nonsense is said are told so', async () => {
    const relay = await startTestRelay();
    const hop = await openHop(relay, await startPeer());
    hop.send(hopMessages.nonsense);
    await vi.waitFor(() =>
      expect(relay.metrics().refused).toMatchObject({ malformed: 1 }),
    );
  });
});

describe('a relay that cannot start', () => {
  it('says which port is taken, and leaves no other open', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port: other } = free.address() as { port: number };
    free.close();
    await once(free, 'close');

    const listen = [
      `/ip4/127.0.0.1/tcp/${other}`,
      `/ip4/127.0.0.1/tcp/${port}/ws`,
    ];
    await expect(startRelay({ listen })).rejects.toMatchObject({
      code: 'RELAY_PORT_TAKEN',
      message: expect.stringContaining(`Port ${port} is in use`),
    });
    const again = createServer().listen(other, '127.0.0.1');
    onTestFinished(() => void again.close());
    await once(again, 'listening');
  });

  it('says that an address is not of this machine', async () => {
    const listen = ['/ip4/192.0.2.1/tcp/0'];
    await expect(startRelay({ listen })).rejects.toMatchObject({
      code: 'RELAY_LISTEN_FAILED',
      message: expect.stringContaining('EADDRNOTAVAIL'),
    });
  });

  it.each([
    ['identity', { identity: new Uint8Array(31) }],
    ['tcpPort', { tcpPort: 65_536 }],
    ['wsPort', { wsPort: -1 }],
    ['host', { host: 'localhost' }],
    ['listen', { listen: ['nowhere'] }],
    ['publicIp', { publicIp: '300.1.1.1' }],
    ['publicIp', { publicIp: 'relay.example.net' }],
    ['publicIp', { publicIp: '1.2.3.4/tcp/5' }],
    ['announce', { announce: ['relay.example.net:443'] }],
    ['maxReservations', { limits: { maxReservations: 0 } }],
    ['circuitMs', { limits: { circuitMs: 2 ** 31 } }],
    ['circuitBytes', { limits: { circuitBytes: 1.5 } }],
  ])('says so of a bad %s', async (option, options) => {
    await expect(startRelay(options)).rejects.toMatchObject({
      code: 'RELAY_OPTION_INVALID',
      message: expect.stringContaining(option),
    });
  });
});
