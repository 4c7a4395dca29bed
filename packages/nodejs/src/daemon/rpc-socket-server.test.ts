/** The socket as its clients meet it: framing, concurrency, caps, goodbye. */
import { statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { makeRpcEngine, type Rpc } from '@ocap/kernel/rpc';
import { limits, limitValues, type LimitValues } from '@ocap/kernel-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeClient } from '../client/index.ts';
import { makeSmallKernel } from './fixtures/small-kernel.ts';
import { makeTempHome, makeTestLogger } from './fixtures/temp-home.ts';
import { readLine, writeLine } from './line-protocol.ts';
import {
  startRpcSocketServer,
  type RpcSocketServer,
} from './rpc-socket-server.ts';

type Served = Readonly<{
  socketPath: string;
  server: RpcSocketServer;
  open(): Socket;
}>;

const serve = async (
  given?: Rpc,
  overrides: Partial<LimitValues> = {},
  now?: () => number,
): Promise<Served> => {
  const { socketPath } = makeTempHome();
  const logger = makeTestLogger();
  const rpc =
    given ??
    makeRpcEngine(makeSmallKernel(), {
      logger,
      setLogLevel: () => undefined,
      shutdown: () => undefined,
    });
  const server = await startRpcSocketServer({
    socketPath,
    rpc,
    logger,
    limits: limitValues(overrides),
    ...(now === undefined ? {} : { now }),
  });
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
  });
  const open = (): Socket => {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  return { socketPath, server, open };
};

/** An engine that answers each line with what `answer` makes of it. */
const rpcOf = (
  answer: (line: string) => Promise<string>,
  isKept = false,
): Rpc => ({
  handleLine: answer,
  stop: () => undefined,
  connect: (send) => ({
    handleLine: async (line) => send(await answer(line)),
    isKept: () => isKept,
    close: () => undefined,
  }),
});

const request = (id: number, method: string, params: unknown = []): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const call = (id: number, method: string, argument?: unknown): string =>
  request(id, 'queueMessage', ['it', method, [argument]]);
const answerTo = (line: string): unknown => JSON.parse(line);

describe('the socket', () => {
  it('answers one line with one line (P-05)', async () => {
    const socket = (await serve()).open();
    await writeLine(socket, request(1, 'getStatus'));
    expect(answerTo(await readLine(socket))).toStrictEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { vats: [], subclusters: [], hosts: [] },
    });
  });

  it('is private, and so is its folder (P-43)', async () => {
    const { socketPath } = await serve();
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(socketPath)).mode & 0o777).toBe(0o700);
  });

  it('replaces a file that was left over (P-28)', async () => {
    const { socketPath } = makeTempHome();
    writeFileSync(socketPath, '');
    const rpc = rpcOf(async (line) => line);
    const logger = makeTestLogger();
    const server = await startRpcSocketServer({ socketPath, rpc, logger });
    expect(statSync(socketPath).isSocket()).toBe(true);
    await server.close();
    expect(statSync(socketPath, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('answers requests as they finish, not as they came', async () => {
    const socket = (await serve()).open();
    await writeLine(socket, call(1, 'wait', 50));
    await writeLine(socket, call(2, 'echo', 'quick'));
    const ids = [await readLine(socket), await readLine(socket)].map(
      (line) => (answerTo(line) as { id: number }).id,
    );
    expect(ids).toStrictEqual([2, 1]);
  });

  it('takes many requests in one chunk, and characters cut in two', async () => {
    const socket = (await serve()).open();
    const bytes = Buffer.from(
      `${call(1, 'echo', 'ä')}\n\n${call(2, 'echo', '👋')}\n`,
    );
    socket.write(bytes.subarray(0, bytes.length - 7));
    await readLine(socket);
    socket.write(bytes.subarray(-7));
    expect(answerTo(await readLine(socket))).toMatchObject({
      result: { body: '#"👋"' },
    });
  });

  it('says nothing to a notification', async () => {
    const socket = (await serve()).open();
    await writeLine(socket, '{"jsonrpc":"2.0","method":"ping"}');
    await writeLine(socket, request(5, 'ping'));
    expect(answerTo(await readLine(socket))).toMatchObject({ id: 5 });
  });

  it.each(['\n', ''])(
    'answers a client that has closed its half, after %j',
    async (last) => {
      const socket = (await serve()).open();
      socket.end(`${request(1, 'ping')}\n${call(2, 'wait', 30)}${last}`);
      const lines = (await text(socket)).trim().split('\n').map(answerTo);
      expect(lines).toMatchObject([{ id: 1, result: 'pong' }, { id: 2 }]);
    },
  );

  it('delivers an answer of 5 MB whole', async () => {
    const socket = (await serve()).open();
    await writeLine(socket, call(1, 'text', 5_000_000));
    const line = await readLine(socket);
    expect(line).toContain(`"#\\"${'x'.repeat(5_000_000)}`);
  });
});

describe('a cap of the socket', () => {
  const line = (bytes: number): string => {
    const empty = call(1, 'echo', '');
    return call(1, 'echo', 'x'.repeat(bytes - empty.length));
  };

  it('takes a line of exactly as many bytes', async () => {
    const socket = (await serve()).open();
    await writeLine(socket, line(limits.lineBytes.value));
    expect(
      answerTo(await readLine(socket, { maxLineBytes: 1e9 })),
    ).toHaveProperty('result');
  });

  it('refuses a line of one byte more, and closes', async () => {
    const socket = (await serve()).open();
    socket.write(
      `${request(8, 'ping')}\n${line(limits.lineBytes.value + 1)}\n`,
    );
    const lines = (await text(socket)).trim().split('\n').map(answerTo);
    expect(lines).toMatchObject(
      [{ id: null, error: { code: -32600 } }, { id: 8 }].reverse(),
    );
  });

  it('ends 100 MB without a newline with -32600 and little memory (P-45)', async () => {
    const socket = (await serve()).open();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    socket.on('connect', () => {
      for (let sent = 0; sent < 100; sent += 1) socket.write(chunk);
    });
    expect(answerTo(await readLine(socket))).toMatchObject({
      id: null,
      error: { code: -32600, message: expect.stringContaining('8388608') },
    });
    await once(socket, 'end');
  });

  it('refuses what is not UTF-8, and closes', async () => {
    const socket = (await serve()).open();
    socket.write(Buffer.from([0x22, 0xff, 0x22, 10]));
    expect(answerTo(await text(socket))).toMatchObject({
      error: { code: -32700 },
    });
  });

  it('admits as many connections, refuses one more, and admits again', async () => {
    const { open } = await serve();
    const ping = async (socket: Socket): Promise<unknown> => {
      await writeLine(socket, request(1, 'ping'));
      return answerTo(await readLine(socket));
    };
    const sockets = Array.from({ length: limits.connections.value }, open);
    for (const socket of sockets) {
      expect(await ping(socket)).toMatchObject({ result: 'pong' });
    }
    expect(answerTo(await text(open()))).toMatchObject({
      error: { code: -32600, message: expect.stringContaining('256') },
    });
    const first = sockets[0]!;
    first.end();
    await once(first.resume(), 'close');
    expect(await ping(open())).toMatchObject({ result: 'pong' });
  });

  it('does not read on with as many requests in flight, until one is answered', async () => {
    const max = limits.requestsInFlight.value;
    const waiting: (() => void)[] = [];
    let started = 0;
    const rpc = rpcOf(
      async (line) =>
        new Promise((resolve) => {
          started += 1;
          waiting.push(() => resolve(line));
        }),
    );
    const socket = (await serve(rpc)).open();
    socket.write(Array.from({ length: max + 2 }, (_, n) => `${n}\n`).join(''));
    while (started < max) await new Promise(setImmediate);
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    expect(started).toBe(max);
    waiting.shift()?.();
    expect(await readLine(socket)).toBe('0');
    expect(started).toBe(max + 1);
    for (const answer of waiting) answer();
    while (started < max + 2) await new Promise(setImmediate);
    waiting.at(-1)?.();
    for (let n = 1; n <= max; n += 1)
      expect(await readLine(socket)).toBe(`${n}`);
  });

  it.each([
    [0, 'keeps a client that leaves exactly as much unread'],
    [1, 'disconnects a client that leaves one byte more unread'],
  ])('+%i %s', async (more) => {
    const size = limits.unreadOutputBytes.value + more;
    // With its newline an answer is one byte longer.
    const rpc = rpcOf(async (line) =>
      line === 'big' ? 'x'.repeat(size - 1) : line,
    );
    const socket = (await serve(rpc)).open();
    socket.pause();
    await writeLine(socket, 'big');
    await delay(300);
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received === size) socket.end();
    });
    socket.on('end', () => socket.end());
    socket.resume();
    await once(socket, 'close');
    expect(received === size).toBe(more === 0);
  });
});

describe('a cap that is set otherwise', () => {
  it('of bytes in a line', async () => {
    const { open } = await serve(undefined, { lineBytes: 100 });
    const text100 = call(
      1,
      'echo',
      'x'.repeat(100 - call(1, 'echo', '').length),
    );
    const socket = open();
    await writeLine(socket, text100);
    expect(answerTo(await readLine(socket))).toHaveProperty('result');
    await writeLine(socket, `${text100} `);
    expect(answerTo(await readLine(socket))).toMatchObject({
      error: { message: expect.stringContaining('longer than 100 bytes') },
    });
  });

  it('of connections', async () => {
    const { open } = await serve(undefined, { connections: 1 });
    const first = open();
    await writeLine(first, request(1, 'ping'));
    expect(answerTo(await readLine(first))).toMatchObject({ result: 'pong' });
    expect(await text(open())).toContain('at most 1 connections');
  });

  it.each([
    [0, 'keeps everybody while all of it is exactly as much'],
    [1, 'disconnects whoever has the most unread if it is one byte more'],
  ])('of bytes unread on all connections, +%i: %s', async (more) => {
    const MiB = 1024 * 1024;
    const rpc = rpcOf(async (line) => 'x'.repeat(Number(line) - 1));
    const { open } = await serve(rpc, { unreadTotalBytes: 24 * MiB });
    const sizes = [8 * MiB, 10 * MiB, 6 * MiB + more];
    const sockets = sizes.map((size) => {
      const socket = open().pause();
      socket.write(`${size}\n`);
      return socket;
    });
    await delay(300);
    const received = sockets.map(async (socket, index) => {
      let bytes = 0;
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes === sizes[index]) socket.destroy();
      });
      socket.on('end', () => socket.destroy());
      await once(socket.resume(), 'close');
      return bytes === sizes[index];
    });
    expect(await Promise.all(received)).toStrictEqual([true, more === 0, true]);
  });
});

describe('when every place is taken, a new connection', () => {
  const STALLED_MS = limits.connectionStalledMs.value;
  const UNUSED_MS = limits.connectionUnusedMs.value;

  /** A server with two places, and a clock that stands still until it is moved. */
  const serveTwo = async (rpc?: Rpc, overrides: Partial<LimitValues> = {}) => {
    let time = 0;
    const { open, socketPath } = await serve(
      rpc,
      { connections: 2, ...overrides },
      () => time,
    );
    const ping = async (socket: Socket): Promise<string> => {
      await writeLine(socket, request(1, 'ping'));
      return readLine(socket);
    };
    const say = async (socket: Socket, words: string): Promise<Socket> => {
      socket.write(words);
      // It has been heard when another is answered.
      await delay(20);
      return socket;
    };
    return {
      open,
      socketPath,
      ping,
      say,
      at: (ms: number) => {
        time = ms;
      },
      /** Whether somebody new is served. */
      isServed: async (): Promise<boolean> => {
        const socket = open();
        let heard = '';
        socket.on('data', (chunk: Buffer) => {
          heard += chunk.toString();
          socket.destroy();
        });
        socket.write(`${request(7, 'ping')}\n`);
        // Who is refused may still be writing.
        await new Promise((resolve) => {
          socket.once('close', resolve);
        });
        return heard.includes('"id":7');
      },
    };
  };

  it.each([
    [0, 'is refused while the others may still finish their first line'],
    [1, 'gets the place of one that took a ms longer for its first line'],
  ])('+%i %s', async (more) => {
    const { open, say, at, isServed } = await serveTwo();
    for (const words of ['{', '']) await say(open(), words);
    at(STALLED_MS + more);
    expect(await isServed()).toBe(more === 1);
  });

  it.each([
    [0, 'is refused while the others have been of use just now'],
    [1, 'gets the place of one that has not been of use for a ms longer'],
  ])('+%i %s', async (more) => {
    const { open, ping, at, isServed } = await serveTwo();
    const [one, two] = [open(), open()];
    await ping(one);
    at(5);
    await ping(two);
    at(UNUSED_MS + more);
    expect(await isServed()).toBe(more === 1);
    if (more === 0) return;
    expect(answerTo(await text(one))).toMatchObject({
      id: null,
      error: { code: -32600, message: expect.stringContaining('5000 ms') },
    });
    expect(await ping(two)).toContain('pong');
  });

  it('does not disturb a client that calls again later', async () => {
    const { open, ping, at, isServed, socketPath } = await serveTwo();
    const client = makeClient({ socketPath });
    onTestFinished(client.close);
    await client.call('ping');
    at(1);
    await ping(open());
    at(UNUSED_MS + 1);
    expect(await isServed()).toBe(true);
    // By now it knows that it has no connection, and the other has left.
    await delay(20);
    expect(await client.call('ping')).toBe('pong');
  });

  it('has who gives way told why, also if it is just asking for something', async () => {
    const { open, ping, at, isServed } = await serveTwo();
    const [one, two] = [open(), open()];
    for (const socket of [one, two]) await ping(socket);
    one.pause();
    at(UNUSED_MS + 1);
    expect(await isServed()).toBe(true);
    for (let times = 0; times < 5; times += 1) {
      one.write(`${request(3, 'ping')}\n`);
      await delay(2);
    }
    const heard = await text(one.resume());
    expect(heard).toContain('its place was needed');
    expect(heard).not.toContain('"id":3');
  });

  it('gets the place of one that stopped in the middle of a line', async () => {
    const { open, ping, say, at, isServed } = await serveTwo();
    for (const socket of [open(), open()]) {
      await ping(socket);
      await say(socket, '{"jsonrpc":');
    }
    at(UNUSED_MS + 1);
    expect(await isServed()).toBe(true);
  });

  it('does not get that of one that waits for an answer', async () => {
    const never = rpcOf(async () => Promise.withResolvers<string>().promise);
    const { open, say, at, isServed } = await serveTwo(never);
    for (const socket of [open(), open()]) await say(socket, 'x\n');
    at(100 * UNUSED_MS);
    expect(await isServed()).toBe(false);
  });

  it('does not get that of one with subscriptions', async () => {
    const kept = rpcOf(async (line) => line, true);
    const { open, ping, at, isServed } = await serveTwo(kept);
    for (const socket of [open(), open()]) await ping(socket);
    at(100 * UNUSED_MS);
    expect(await isServed()).toBe(false);
  });

  it.each([
    [0, 'is refused while the others may still read what they asked for'],
    [1, 'gets the place of one that took a ms longer to read'],
  ])('+%i %s', async (more) => {
    const answers = rpcOf(
      async (line) => (line.includes('ping') ? line : 'x'.repeat(10_000_000)),
      true,
    );
    const { open, say, at, isServed } = await serveTwo(answers);
    for (const socket of [open().pause(), open().pause()]) {
      await say(socket, 'big\n');
    }
    at(STALLED_MS + more);
    expect(await isServed()).toBe(more === 1);
  });

  it('is served for ever after, though peers fill all places with a byte a second', async () => {
    const { open, at, isServed } = await serveTwo();
    for (let second = 1; second < 6; second += 1) {
      for (let peer = 0; peer < 4; peer += 1) {
        const socket = open();
        await once(socket, 'connect');
        socket.write('x');
      }
      // The server is in this process: it has taken them by then.
      await delay(50);
      at(second * (STALLED_MS + 1));
      expect(await isServed()).toBe(true);
    }
  });
});

/** An engine that speaks unasked, and the connections that it has. */
const makeSpeaker = (): Readonly<{
  rpc: Rpc;
  sends: ((line: string) => void)[];
  /** Connections that it was told are over. */
  closed(): number;
}> => {
  const sends: ((line: string) => void)[] = [];
  let closed = 0;
  const { handleLine } = rpcOf(async (line) => line);
  const rpc: Rpc = {
    handleLine,
    stop: () => undefined,
    connect: (send) => {
      sends.push(send);
      return {
        handleLine: async (line) => {
          // The events of a subscription begin when its answer is out.
          send(line);
          if (line === 'subscribe') send('event');
        },
        isKept: () => false,
        close: () => {
          closed += 1;
        },
      };
    },
  };
  return { rpc, sends, closed: () => closed };
};

describe('what is said unasked (V-25)', () => {
  it('follows the answer that it belongs to, and comes when there is none', async () => {
    const { rpc, sends } = makeSpeaker();
    const { open } = await serve(rpc);
    const [one, two] = [open(), open()];
    await writeLine(one, 'subscribe');
    await writeLine(two, 'hi');
    const lines = [await readLine(one), await readLine(one)];
    expect(lines).toStrictEqual(['subscribe', 'event']);
    expect(await readLine(two)).toBe('hi');
    sends[0]?.('to one');
    sends[1]?.('to two');
    expect(await readLine(two)).toBe('to two');
    expect(await readLine(one)).toBe('to one');
  });

  it.each([
    [0, 'may lie unread up to the cap'],
    [1, 'ends the connection of who leaves a byte more unread'],
  ])('+%i %s', async (more) => {
    const { rpc, sends, closed } = makeSpeaker();
    const { open } = await serve(rpc);
    const [lazy, busy] = [open(), open()];
    for (const socket of [lazy, busy]) {
      await writeLine(socket, 'hi');
      await readLine(socket);
    }
    lazy.pause();
    const size = limits.unreadOutputBytes.value + more;
    sends[0]?.('x'.repeat(size - 1));
    await delay(300);
    expect(closed()).toBe(more);
    sends[1]?.('goes on');
    expect(await readLine(busy)).toBe('goes on');
    lazy.destroy();
  });

  it('ends with the connection, however that ends', async () => {
    const { rpc, sends, closed } = makeSpeaker();
    const { server, open } = await serve(rpc);
    const [gone, half, stays] = [open(), open(), open()];
    for (const socket of [gone, half, stays]) {
      await writeLine(socket, 'hi');
      await readLine(socket);
    }
    const ended = async (count: number): Promise<void> => {
      while (closed() < count) await new Promise(setImmediate);
    };
    gone.destroy();
    await ended(1);
    half.end();
    expect(await text(half)).toBe('');
    await ended(2);
    server.stopAccepting();
    // A client hears of what happens while the daemon stops.
    sends[2]?.('the last');
    expect(await readLine(stays)).toBe('the last');
    await server.close();
    await ended(3);
    for (const send of sends) send('too late');
    await delay(20);
  });
});

describe('close', () => {
  it('lets what is in flight be answered, and refuses what is new', async () => {
    const { server, open } = await serve();
    const socket = open();
    await writeLine(socket, call(1, 'wait', 60));
    await writeLine(socket, request(2, 'ping'));
    await readLine(socket);
    server.stopAccepting();
    await writeLine(socket, request(3, 'getStatus'));
    expect(answerTo(await readLine(socket))).toMatchObject({
      id: 3,
      error: { data: { code: 'SHUTTING_DOWN' } },
    });
    const [rest] = await Promise.all([text(socket), server.close()]);
    expect(answerTo(rest)).toMatchObject({ id: 1 });
  });

  it('does not wait for clients that just stay', async () => {
    const { server, open } = await serve();
    const socket = open();
    await once(socket, 'connect');
    await server.close();
    await server.close();
  });
});
