/** The socket as its clients meet it: framing, concurrency, caps, goodbye. */
import { statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { makeRpcEngine, type Rpc } from '@ocap/kernel/rpc';
import { limits } from '@ocap/kernel-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
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

const serve = async (given?: Rpc): Promise<Served> => {
  const { socketPath } = makeTempHome();
  const logger = makeTestLogger();
  const rpc =
    given ??
    makeRpcEngine(makeSmallKernel(), {
      logger,
      setLogLevel: () => undefined,
      shutdown: () => undefined,
    });
  const server = await startRpcSocketServer({ socketPath, rpc, logger });
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
    const rpc: Rpc = { handleLine: async (line) => line };
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
    const rpc: Rpc = {
      handleLine: async (line) =>
        new Promise((resolve) => {
          started += 1;
          waiting.push(() => resolve(line));
        }),
    };
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
    const rpc: Rpc = {
      // With its newline an answer is one byte longer.
      handleLine: async (line) =>
        line === 'big' ? 'x'.repeat(size - 1) : line,
    };
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

describe('close', () => {
  it('lets what is in flight be answered, and takes nothing more', async () => {
    const { server, open } = await serve();
    const socket = open();
    await writeLine(socket, call(1, 'wait', 60));
    await writeLine(socket, request(2, 'ping'));
    await readLine(socket);
    server.stopAccepting();
    await writeLine(socket, request(3, 'ping'));
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
