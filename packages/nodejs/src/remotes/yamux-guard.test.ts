/** Peers that have done the handshake and then speak as no multiplexer does. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { startTestPeer, type TestPeer } from '../testing/peer-transport.ts';
import { openRawConnection, startRawPeer } from '../testing/raw-peer.ts';

const listen = ['/ip4/127.0.0.1/tcp/0'];
const patience = { timeout: 10_000, interval: 5 };
const MiB = 1024 * 1024;

const TYPE = { data: 0, window: 1, ping: 2, goAway: 3 } as const;
const SYN = 1;
const ACK = 2;
const RST = 8;

const frame = (
  type: keyof typeof TYPE,
  flags: number,
  stream: number,
  length: number,
  body: string | Uint8Array = '',
): Buffer => {
  const header = Buffer.alloc(12);
  header[1] = TYPE[type];
  header.writeUInt16BE(flags, 2);
  header.writeUInt32BE(stream, 4);
  header.writeUInt32BE(length, 8);
  return Buffer.concat([header, Buffer.from(body)]);
};

const open = (stream: number): Buffer => frame('window', SYN, stream, 0);

const data = (stream: number, body: Uint8Array): Buffer =>
  frame('data', 0, stream, body.length, body);

/** Answers with these flags, by the ids of their streams; 0 for pings. */
const answers = (received: Buffer, type: number, flags: number): number[] => {
  const ids: number[] = [];
  for (let at = 0; at + 12 <= received.length;) {
    if (received[at + 1] === type && received.readUInt16BE(at + 2) === flags) {
      ids.push(received.readUInt32BE(at + 4));
    }
    at +=
      12 + (received[at + 1] === TYPE.data ? received.readUInt32BE(at + 8) : 0);
  }
  return ids;
};

const works = async (there: TestPeer): Promise<void> => {
  const here = await startTestPeer();
  const link = await here.connect(there);
  link.send('hello');
  await vi.waitFor(
    () => expect(there.links.at(-1)?.frames).toEqual(['hello']),
    patience,
  );
};

describe('a connection is cut', () => {
  it('when data is announced that nobody may send', async () => {
    const there = await startTestPeer({ listen });
    for (const length of [MiB + 1, 2 ** 32 - 1]) {
      const raw = await openRawConnection(there);
      raw.send(open(1));
      raw.send(frame('data', 0, 1, length));
      await vi.waitFor(() => expect(raw.isOpen()).toBe(false), patience);
    }
    await works(there);
  });

  it('when a stream that is no link brings more than it may, and not before', async () => {
    const there = await startTestPeer({
      listen,
      limits: { remoteSideBytes: 1000 },
    });
    const raw = await openRawConnection(there);
    // The beginning of a greeting of 1023 bytes, for the end of which it is waited.
    const begun = Buffer.alloc(1000, 'x');
    begun.set([0xff, 0x07]);
    raw.send(open(1));
    raw.send(data(1, begun.subarray(0, 600)));
    raw.send(open(3));
    raw.send(data(3, begun));
    raw.send(data(1, Buffer.alloc(400)));
    await pause(200);
    expect(raw.isOpen()).toBe(true);
    raw.send(data(1, Buffer.alloc(1)));
    await vi.waitFor(() => expect(raw.isOpen()).toBe(false), patience);
  });

  it('when its header comes byte by byte, too', async () => {
    const there = await startTestPeer({ listen });
    const raw = await openRawConnection(there);
    const bytes = Buffer.concat([
      frame('ping', SYN, 0, 7),
      open(1),
      data(1, Buffer.from([0, 0, 0])),
      frame('data', 0, 1, MiB + 1),
    ]);
    for (let at = 0; at < bytes.length; at += 1) {
      expect(raw.isOpen()).toBe(true);
      raw.send(bytes.subarray(at, at + 1));
      await pause(1);
    }
    await vi.waitFor(() => expect(raw.isOpen()).toBe(false), patience);
    expect(answers(raw.received(), TYPE.ping, ACK)).toEqual([0]);
  });

  it('when it asks for answers and does not read them', async () => {
    const there = await startTestPeer({ listen });
    const raw = await openRawConnection(there);
    raw.pause();
    const before = process.memoryUsage().rss;
    const pings = Buffer.concat(Array(5000).fill(frame('ping', SYN, 0, 7)));
    let sent = 0;
    while (raw.isOpen() && sent < 100 * MiB) {
      raw.send(pings);
      sent += pings.length;
      await pause(0);
    }
    expect(raw.isOpen()).toBe(false);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MiB);
    await works(there);
  });
});

it('streams beyond so many on one connection are refused', async () => {
  const there = await startTestPeer({ listen, limits: { remoteStreams: 3 } });
  const raw = await openRawConnection(there);
  for (const id of [1, 3, 5, 7]) {
    raw.send(open(id));
  }
  await vi.waitFor(
    () => expect(answers(raw.received(), TYPE.window, RST)).toEqual([7]),
    patience,
  );
  expect(raw.isOpen()).toBe(true);
});

it('links beyond so many on one connection are refused, not those before', async () => {
  const there = await startTestPeer({
    listen,
    limits: { remoteLinksPerPeer: 2 },
  });
  const { multiaddr } = await import('@multiformats/multiaddr');
  const node = await startRawPeer();
  const connection = await node.dial(multiaddr(there.addresses()[0]));
  for (let i = 0; i < 20; i += 1) {
    await connection.newStream('/ocap/1', { maxOutboundStreams: 100 });
  }
  await vi.waitFor(() => {
    const open = there.links.filter(({ closings }) => closings.length === 0);
    expect(open).toHaveLength(2);
  }, patience);
});

/** The same bytes for the same seed (mulberry32). */
const makeRandom =
  (seed: number) =>
  (below: number): number => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };

const types = ['data', 'window', 'ping', 'goAway'] as const;
const greetings = [
  '\x13/multistream/1.0.0\n',
  '\x08/ocap/1\n',
  '\x10/ipfs/id/1.0.0\n',
  '\x03ls\n',
];

// An error that nobody listens for fails the test run, as it would end the daemon.
it('any mixture of messages only ends its own connection', async () => {
  const there = await startTestPeer({
    listen,
    limits: { remoteConnectionsPerSecond: 10_000 },
  });
  for (let seed = 1; seed <= 25; seed += 1) {
    const random = makeRandom(seed);
    const raw = await openRawConnection(there);
    for (let i = 0; i < 60 && raw.isOpen(); i += 1) {
      const type = types[random(4)] ?? 'data';
      const id = random(8);
      const body =
        random(3) === 0
          ? Buffer.alloc(random(300), random(256))
          : Buffer.from(greetings[random(4)] ?? '');
      const flags = [0, SYN, ACK, 4, RST, SYN | RST, 4 | RST, random(65_536)];
      const length = random(20) === 0 ? random(2 ** 32) : body.length;
      raw.send(
        type === 'data'
          ? frame(type, flags[random(8)] ?? 0, id, length, body)
          : frame(
              type,
              flags[random(8)] ?? 0,
              random(4) === 0 ? id : 0,
              length,
            ),
      );
      if (random(4) === 0) {
        await pause(random(3));
      }
    }
    raw.end();
  }
  await works(there);
});
