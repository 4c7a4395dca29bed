/** What a transport bears and what it does not: real nodes, on loopback. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { startProxy } from '../testing/frozen-proxy.ts';
import { linkOf, startTestPeer } from '../testing/peer-transport.ts';
import { openRawStream, startRawPeer } from '../testing/raw-peer.ts';
import { encodeFrame } from './frame-decoder.ts';

const listen = ['/ip4/127.0.0.1/tcp/0'];
const patience = { timeout: 15_000, interval: 5 };

describe('a frame', () => {
  it('of as many bytes as the cap says arrives; one byte more ends the link', async () => {
    const there = await startTestPeer({
      listen,
      limits: { remoteFrameBytes: 1000 },
    });
    const here = await startTestPeer({ limits: { remoteFrameBytes: 1001 } });
    const link = await here.connect(there);
    const other = await linkOf(there);
    link.send('x'.repeat(1000));
    await vi.waitFor(() => expect(other.frames).toHaveLength(1), patience);
    link.send('x'.repeat(1001));
    await vi.waitFor(() => {
      expect(other.closings).toEqual([
        'the peer sent a frame of 1001 bytes, of at most 1000',
      ]);
      expect(link.closings).toEqual(['the peer cut the connection']);
    }, patience);
    expect(other.frames).toHaveLength(1);
  });

  it('beyond the cap is not sent: the link is closed instead', async () => {
    const there = await startTestPeer({ listen });
    const here = await startTestPeer({ limits: { remoteFrameBytes: 1000 } });
    const link = await here.connect(there);
    link.send('€'.repeat(333));
    link.send('€'.repeat(334));
    await vi.waitFor(
      () =>
        expect(link.closings).toEqual([
          'a frame of 1002 bytes cannot be sent: at most 1000 can',
        ]),
      patience,
    );
  });

  it.each([
    [
      'is not UTF-8',
      [0, 0, 0, 2, 0xff, 0xfe],
      'the peer sent a frame that is not UTF-8',
    ],
    [
      'is announced too large',
      [0xff, 0xff, 0xff, 0xff],
      /of 4294967295 bytes, of at most/u,
    ],
  ])(
    'that %s ends the link, after those before it',
    async (_what, bytes, reason) => {
      const there = await startTestPeer({ listen });
      const stream = await openRawStream(there);
      stream.send(Buffer.concat([encodeFrame('before'), Buffer.from(bytes)]));
      const link = await linkOf(there);
      await vi.waitFor(() => expect(link.closings).toHaveLength(1), patience);
      expect(link.closings[0]).toMatch(reason);
      expect(link.frames).toEqual(['before']);
      await vi.waitFor(() => expect(stream.status).toBe('reset'), patience);
    },
  );

  it('that breaks off is told of', async () => {
    const there = await startTestPeer({ listen });
    const stream = await openRawStream(there);
    stream.send(encodeFrame('{"whole":false}').subarray(0, 9));
    await stream.close();
    const link = await linkOf(there);
    await vi.waitFor(
      () =>
        expect(link.closings).toEqual([
          'the peer ended it in the middle of a frame',
        ]),
      patience,
    );
    expect(link.frames).toEqual([]);
  });

  it('begun by many and ended by none: whoever holds most is cut', async () => {
    const there = await startTestPeer({
      listen,
      limits: { remoteUnfinishedBytes: 300_000 },
    });
    const begin = async (bytes: number): Promise<void> => {
      const stream = await openRawStream(there);
      stream.send(encodeFrame('x'.repeat(1_000_000)).subarray(0, bytes));
    };
    await begin(10_000);
    await begin(200_000);
    await pause(200);
    expect(there.links.flatMap(({ closings }) => closings)).toEqual([]);
    await begin(100_000);
    const large = await linkOf(there, 2);
    await vi.waitFor(() => expect(large.closings).toHaveLength(1), patience);
    expect(large.closings[0]).toMatch(
      /unfinished frames took \d+ bytes, of at most 300000/u,
    );
    expect(there.links[0]?.closings).toEqual([]);
    expect(there.links[2]?.closings).toEqual([]);
  });

  it('that the kernel cannot handle ends the link, not the process', async () => {
    const there = await startTestPeer({
      listen,
      onFrame: () => {
        throw Error('a defect');
      },
    });
    const here = await startTestPeer();
    const link = await here.connect(there);
    link.send('{}');
    const other = await linkOf(there);
    await vi.waitFor(() => {
      expect(other.closings).toEqual(['this daemon could not handle a frame']);
      expect(link.closings).toHaveLength(1);
    }, patience);
  });
});

describe('a link', () => {
  it('can be closed by whoever gets a frame: nothing more comes', async () => {
    const there = await startTestPeer({
      listen,
      onFrame: (_frame, link) => link.close('one is enough'),
    });
    const here = await startTestPeer();
    const link = await here.connect(there);
    for (let i = 0; i < 10; i += 1) {
      link.send(`${i}`);
    }
    const other = await linkOf(there);
    await vi.waitFor(
      () => expect(other.closings).toEqual(['one is enough']),
      patience,
    );
    expect(other.frames).toEqual(['0']);
  });

  it('is opened by both at once: each gets the one it asked for', async () => {
    const one = await startTestPeer({ listen });
    const other = await startTestPeer({ listen });
    await Promise.all([one.connect(other), other.connect(one)]);
    await linkOf(one, 2);
    await linkOf(other, 2);
    for (const { links } of [one, other]) {
      expect(links.map(({ opener }) => opener).toSorted()).toEqual([
        'them',
        'us',
      ]);
      for (const link of links) {
        link.send(`by ${link.opener}`);
      }
    }
    await vi.waitFor(() => {
      for (const { links } of [one, other]) {
        for (const { opener, frames } of links) {
          expect(frames).toEqual([opener === 'us' ? 'by them' : 'by us']);
        }
      }
    }, patience);
  });

  it('outlives the time that connecting may take', async () => {
    const there = await startTestPeer({ listen });
    const here = await startTestPeer({
      limits: { remoteConnectMs: 500, remoteHandshakeMs: 500 },
    });
    const link = await here.connect(there);
    await pause(700);
    link.send('still there');
    const other = await linkOf(there);
    await vi.waitFor(
      () => expect(other.frames).toEqual(['still there']),
      patience,
    );
  });

  it('that nobody reads holds what is sent, tells how much, and can be closed', async () => {
    const node = await startRawPeer(listen);
    let stream: { pause(): void } | undefined;
    await node.handle('/ocap/1', (opened) => {
      stream = opened;
      opened.pause();
    });
    const here = await startTestPeer();
    const peerId = node.peerId.toString();
    await here.transport.connect(peerId, node.getMultiaddrs().map(String));
    const link = here.links[0];
    await vi.waitFor(() => expect(stream).toBeDefined(), patience);
    const frame = 'x'.repeat(100_000);
    for (let i = 0; i < 100; i += 1) {
      link?.send(frame);
    }
    await pause(300);
    // A window of yamux is with the peer, and a little in the operating system.
    expect(link?.unsentBytes()).toBeGreaterThan(9_000_000);
    link?.close('it does not read');
    await vi.waitFor(
      () => expect(link?.closings).toEqual(['it does not read']),
      patience,
    );
    expect(link?.unsentBytes()).toBe(0);
    await vi.waitFor(
      () => expect(node.getConnections()[0]?.streams ?? []).toEqual([]),
      patience,
    );
  });

  it('with as much unsent as the cap says goes on; one byte more closes it', async () => {
    const there = await startTestPeer({ listen });
    const here = await startTestPeer({ limits: { remoteUnsentBytes: 1000 } });
    const fits = await here.connect(there);
    fits.send('x'.repeat(500 - 4));
    fits.send('x'.repeat(500 - 4));
    const other = await linkOf(there);
    await vi.waitFor(() => expect(other.frames).toHaveLength(2), patience);
    fits.send('x'.repeat(500 - 4));
    fits.send('x'.repeat(501 - 4));
    await vi.waitFor(
      () =>
        expect(fits.closings).toEqual([
          'the peer does not read: 1001 bytes wait for it',
        ]),
      patience,
    );
  });

  it.each([
    ['TCP', '/ip4/127.0.0.1/tcp/0', ''],
    ['WebSockets', '/ip4/127.0.0.1/tcp/0/ws', '/ws'],
  ])(
    'over %s whose other end vanishes is closed at both ends',
    async (_name, address, rest) => {
      const limits = { remoteSilenceMs: 800 };
      const there = await startTestPeer({ listen: [address], limits });
      const here = await startTestPeer({ limits });
      const port = Number(there.addresses()[0]?.split('/')[4]);
      const proxy = await startProxy(port);
      const link = await here.connect(there, [
        `/ip4/127.0.0.1/tcp/${proxy.port}${rest}`,
      ]);
      const other = await linkOf(there);
      await pause(2000);
      expect([...link.closings, ...other.closings]).toEqual([]);
      proxy.freeze();
      const started = performance.now();
      await vi.waitFor(() => {
        expect(link.closings).toEqual([
          'nothing was heard of the peer for 0.8 s',
        ]);
        expect(other.closings).toEqual([
          'nothing was heard of the peer for 0.8 s',
        ]);
      }, patience);
      expect(performance.now() - started).toBeLessThan(2000);
    },
  );

  it('is one of so many with a peer: the oldest goes for a new one', async () => {
    const there = await startTestPeer({
      listen,
      limits: { remoteLinksPerPeer: 2 },
    });
    const here = await startTestPeer();
    await here.connect(there);
    await here.connect(there);
    await linkOf(there, 2);
    await pause(100);
    expect(there.links.flatMap(({ closings }) => closings)).toEqual([]);
    await here.connect(there);
    await linkOf(there, 3);
    await vi.waitFor(
      () =>
        expect(there.links[0]?.closings).toEqual(['the peer has newer links']),
      patience,
    );
    expect(there.links.slice(1).flatMap(({ closings }) => closings)).toEqual(
      [],
    );
  });
});

describe('a connection', () => {
  it('that carries no link is closed after a while', async () => {
    const there = await startTestPeer({
      listen,
      limits: { remoteUnusedMs: 300, remoteSilenceMs: 400 },
    });
    const here = await startTestPeer();
    const link = await here.connect(there);
    const raw = await openRawStream(there);
    await pause(1000);
    expect(link.closings).toEqual([]);
    expect(raw.status).toBe('open');
    const node = await startRawPeer();
    const { multiaddr } = await import('@multiformats/multiaddr');
    const connection = await node.dial(multiaddr(there.addresses()[0]));
    await vi.waitFor(
      () => expect(connection.status).not.toBe('open'),
      patience,
    );
  });

  it('is one of so many with a peer: the oldest goes for a new one', async () => {
    const there = await startTestPeer({
      listen,
      limits: { remoteConnectionsPerPeer: 2 },
    });
    const node = await startRawPeer();
    const { multiaddr } = await import('@multiformats/multiaddr');
    const dial = async () =>
      node.dial(multiaddr(there.addresses()[0]), { force: true });
    const connections = [await dial(), await dial()];
    await pause(100);
    expect(connections.map(({ status }) => status)).toEqual(['open', 'open']);
    connections.push(await dial());
    await vi.waitFor(
      () => expect(connections[0]?.status).not.toBe('open'),
      patience,
    );
    expect(connections.slice(1).map(({ status }) => status)).toEqual([
      'open',
      'open',
    ]);
  });
});
