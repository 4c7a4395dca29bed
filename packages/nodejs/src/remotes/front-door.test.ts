/** Strangers at listening ports. On loopback each 127.0.0.x is another machine. */
import { connect, type Socket } from 'node:net';
import type { LimitValues } from '@ocap/kernel-utils';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startTestPeer, type TestPeer } from '../testing/peer-transport.ts';
import { startRawPeer } from '../testing/raw-peer.ts';

const patience = { timeout: 10_000, interval: 5 };

const kinds = [
  ['TCP', '/ip4/127.0.0.1/tcp/0'],
  ['WebSockets', '/ip4/127.0.0.1/tcp/0/ws'],
] as const;

type Stranger = Readonly<{ socket: Socket; isIn(): boolean }>;

/** Whoever connects and says only this. */
const knock = async (
  peer: TestPeer,
  { host = '127.0.0.2', says = [] as readonly (string | Uint8Array)[] } = {},
): Promise<Stranger> => {
  const port = Number(peer.addresses()[0]?.split('/')[4]);
  const socket = connect({ port, host: '127.0.0.1', localAddress: host });
  let isOver = false;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isOver = true;
  });
  socket.resume();
  onTestFinished(() => {
    socket.destroy();
  });
  for (const part of says) {
    socket.write(part);
    await pause(30);
  }
  return { socket, isIn: () => !isOver };
};

const knockOften = async (
  peer: TestPeer,
  count: number,
  host?: string,
): Promise<readonly Stranger[]> => {
  const strangers: Stranger[] = [];
  for (let i = 0; i < count; i += 1) {
    strangers.push(await knock(peer, host === undefined ? {} : { host }));
    await pause(5);
  }
  await pause(50);
  return strangers;
};

const stillIn = (strangers: readonly Stranger[]): readonly boolean[] =>
  strangers.map(({ isIn }) => isIn());

const listening = async (
  address: string,
  limits: Partial<LimitValues>,
): Promise<TestPeer> => startTestPeer({ listen: [address], limits });

describe.each(kinds)('over %s', (_name, address) => {
  it('strangers who say nothing keep nobody out, and have to go', async () => {
    const there = await listening(address, {
      remoteHandshakes: 4,
      remoteHandshakeMs: 1500,
    });
    const strangers = await knockOften(there, 30);
    expect(stillIn(strangers).filter(Boolean)).toHaveLength(4);
    expect(stillIn(strangers).slice(-4)).toEqual([true, true, true, true]);
    const here = await startTestPeer();
    const link = await here.connect(there);
    await vi.waitFor(
      () => expect(stillIn(strangers)).not.toContain(true),
      patience,
    );
    expect(link.closings).toEqual([]);
  });

  it('those of the machine that has most have to go first', async () => {
    const there = await listening(address, { remoteHandshakes: 4 });
    const one = await knockOften(there, 1, '127.0.0.3');
    const many = await knockOften(there, 10, '127.0.0.2');
    expect(stillIn(one)).toEqual([true]);
    expect(stillIn(many).filter(Boolean)).toHaveLength(3);
  });

  it('a machine has so many connections, and not one more', async () => {
    const there = await listening(address, { remoteConnectionsPerHost: 3 });
    expect(stillIn(await knockOften(there, 4))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(stillIn(await knockOften(there, 1, '127.0.0.3'))).toEqual([true]);
  });

  it('a machine connects so often in a second, and not once more', async () => {
    const there = await listening(address, { remoteConnectionsPerSecond: 3 });
    // Not across the end of a second.
    await pause(1005 - (performance.now() % 1000));
    expect(stillIn(await knockOften(there, 4))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(stillIn(await knockOften(there, 1, '127.0.0.3'))).toEqual([true]);
    await pause(1005 - (performance.now() % 1000));
    expect(stillIn(await knockOften(there, 1))).toEqual([true]);
  });

  it('a transport with silent strangers can be stopped', async () => {
    const there = await listening(address, {});
    const strangers = await knockOften(there, 3);
    const started = performance.now();
    await there.transport.stop();
    expect(performance.now() - started).toBeLessThan(2000);
    await vi.waitFor(
      () => expect(stillIn(strangers)).not.toContain(true),
      patience,
    );
  });
});

it('there are so many connections, and not one more; this daemon may open others', async () => {
  const there = await listening(kinds[0][1], { remoteConnections: 2 });
  const one = await startTestPeer();
  const two = await startTestPeer();
  const links = [await one.connect(there), await two.connect(there)];
  const three = await startTestPeer({ limits: { remoteConnectMs: 1000 } });
  await expect(three.connect(there)).rejects.toThrow();
  expect(links.flatMap(({ closings }) => closings)).toEqual([]);
  const other = await startTestPeer({ listen: [kinds[0][1]] });
  await there.connect(other);
  await two.transport.stop();
  await other.transport.stop();
  await vi.waitFor(async () => three.connect(there), patience);
});

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

const MULTISTREAM = '\x13/multistream/1.0.0\n';

const frameOf = (length: number): Buffer => {
  const header = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
  header.writeUInt32BE(length, 6);
  return header;
};

// An error that nobody listens for fails the test run, as it would end the daemon.
describe('nonsense only ends its own connection', () => {
  it.each([
    ['TCP', 'zeros', [Buffer.alloc(100_000)]],
    ['TCP', 'half a greeting', [MULTISTREAM.slice(0, 5)]],
    ['TCP', 'an endless length', [Buffer.alloc(1000, 0xff)]],
    ['TCP', 'no protocol', [MULTISTREAM, Buffer.alloc(70_000, 7)]],
    [
      'TCP',
      'a handshake that is none',
      [MULTISTREAM, '\x07/noise\n', Buffer.alloc(70_000, 1)],
    ],
    ['WebSockets', 'no HTTP', [Buffer.from([0, 1, 2])]],
    [
      'WebSockets',
      'HTTP without an upgrade',
      ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ],
    [
      'WebSockets',
      'an endless header',
      [`GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`],
    ],
    ['WebSockets', 'reserved bits', [UPGRADE, Buffer.from([0xff, 0xff, 0xff])]],
    [
      'WebSockets',
      'a frame without a mask',
      [UPGRADE, Buffer.from([0x82, 1, 1])],
    ],
    [
      'WebSockets',
      'a frame beyond the cap',
      [UPGRADE, frameOf(1024 * 1024 + 1)],
    ],
    [
      'WebSockets',
      'text that is none',
      [UPGRADE, Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])],
    ],
  ])('over %s: %s', async (kind, _what, says) => {
    const address = kinds.find(([name]) => name === kind)?.[1] ?? '';
    const there = await listening(address, { remoteHandshakeMs: 1000 });
    const { isIn, socket } = await knock(there, { says });
    await vi.waitFor(() => expect(isIn()).toBe(false), patience);
    expect(socket.bytesRead).toBeLessThan(1000);
    const cut = await knock(there, { says });
    cut.socket.resetAndDestroy();
    const here = await startTestPeer();
    await here.connect(there);
  });
});

it('what nobody may take of a peer is refused: relaying, and its own relays', async () => {
  const there = await listening(kinds[0][1], {});
  const { multiaddr } = await import('@multiformats/multiaddr');
  const node = await startRawPeer();
  const connection = await node.dial(multiaddr(there.addresses()[0]));
  await expect(
    connection.newStream('/libp2p/circuit/relay/0.2.0/hop'),
  ).rejects.toThrow();
  const stop = await connection.newStream('/libp2p/circuit/relay/0.2.0/stop');
  await vi.waitFor(() => expect(stop.status).toBe('reset'), patience);
  expect(there.addresses()).toHaveLength(1);
});
