/** The client against small servers that behave well, badly, or not at all. */
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeTempHome } from '../daemon/fixtures/temp-home.ts';
import { readLine, writeLine } from '../daemon/line-protocol.ts';
import { RpcError } from './errors.ts';
import { makeClient, type Client } from './make-client.ts';

type Server = Readonly<{
  client: Client;
  /** Connections so far. */
  connections(): number;
}>;

/** `serve` gets each connection and its number, from 1. */
const start = async (
  serve: (socket: Socket, count: number) => unknown,
  timeoutMs = 5_000,
  options: Readonly<{ token?: string }> = {},
): Promise<Server> => {
  const { socketPath } = makeTempHome();
  let count = 0;
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    count += 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    void serve(socket, count);
  }).listen(socketPath);
  await once(server, 'listening');
  const client = makeClient({ socketPath, timeoutMs, ...options });
  onTestFinished(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { client, connections: () => count };
};

/** Answers each request with its method, `wait` later than the others. */
const echo = async (socket: Socket): Promise<void> => {
  for (;;) {
    const line = await readLine(socket).catch(() => undefined);
    if (line === undefined) return;
    const { id, method } = JSON.parse(line) as { id: number; method: string };
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: method });
    if (method === 'wait') setTimeout(() => void writeLine(socket, answer), 50);
    else await writeLine(socket, answer);
  }
};

/** Answers every request with this line, where ID stands for its id. */
const always =
  (line: string) =>
  async (socket: Socket): Promise<void> => {
    const { id } = JSON.parse(await readLine(socket)) as { id: number };
    await writeLine(socket, line.replace('ID', String(id)));
  };

describe('a client', () => {
  it('gives each call its own answer, in whatever order they come', async () => {
    const { client, connections } = await start(echo);
    const order: unknown[] = [];
    const note = (result: unknown): void => void order.push(result);
    await Promise.all([
      client.call('wait').then(note),
      client.call('a').then(note),
      client.call('b', { x: 1 }).then(note),
    ]);
    expect(order).toStrictEqual(['a', 'b', 'wait']);
    expect(connections()).toBe(1);
  });

  it('connects only when it is used, and can be closed unused', () => {
    makeClient({ socketPath: '/nowhere' }).close();
  });

  it('tells what the daemon refused', async () => {
    const { client } = await start(
      always(
        '{"jsonrpc":"2.0","id":ID,"error":{"code":1000,"message":"no","data":{"code":"REF_UNKNOWN"}}}',
      ),
    );
    const error = await client.call('x').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({
      code: 1000,
      message: 'no',
      data: { code: 'REF_UNKNOWN' },
    });
  });

  it('takes an error without an id for the answer to all', async () => {
    const { client } = await start(
      always(
        '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}',
      ),
    );
    const calls = [client.call('x'), client.call('y')];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ code: -32600 });
    }
  });

  it.each([
    '{"foo":1}',
    'hello',
    '[]',
    'null',
    '{"jsonrpc":"2.0","id":ID}',
    '{"jsonrpc":"2.0","id":ID,"result":1,"error":{"code":1,"message":""}}',
    '{"jsonrpc":"1.0","id":ID,"result":1}',
    '{"jsonrpc":"2.0","id":"ID","result":1}',
    '{"jsonrpc":"2.0","id":ID,"error":"no"}',
    '{"jsonrpc":"2.0","id":ID,"error":{"code":"x","message":"y"}}',
  ])('rejects %s as an invalid response (P-30)', async (line) => {
    const { client } = await start(always(line));
    await expect(client.call('x')).rejects.toMatchObject({
      code: 'INVALID_RESPONSE',
      message: expect.stringContaining('invalid response'),
    });
  });

  it('gives up after the time of the call, and does not try again (P-29)', async () => {
    const { client, connections } = await start(() => undefined);
    await expect(
      client.call('x', [], { timeoutMs: 150 }),
    ).rejects.toMatchObject({
      code: 'CALL_TIMEOUT',
      message: expect.stringContaining('"x" within 0.15 s'),
    });
    await delay(200);
    expect(connections()).toBe(1);
  });

  it('tries once more after a reset (P-29)', async () => {
    const { client, connections } = await start((socket, count) => {
      if (count > 1) return echo(socket);
      return socket.once('data', () => socket.destroy());
    });
    // A Unix socket is reset by closing it with input unread.
    const big = 'x'.repeat(1_000_000);
    expect(await client.call('a', [big])).toBe('a');
    expect(connections()).toBe(2);
  });

  it('tries once more, not twice', async () => {
    const { client, connections } = await start((socket) =>
      socket.once('data', () => socket.destroy()),
    );
    const big = 'x'.repeat(1_000_000);
    await expect(client.call('a', [big])).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    expect(connections()).toBe(2);
  });

  it('does not repeat a call on a connection that was closed in order', async () => {
    const { client, connections } = await start((socket) => {
      socket.resume().once('data', () => socket.end());
    });
    await expect(client.call('a')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    expect(connections()).toBe(1);
    await expect(client.call('a')).rejects.toThrow();
    expect(connections()).toBe(2);
  });

  it('says that nobody is there', async () => {
    const { socketPath } = makeTempHome();
    const client = makeClient({ socketPath });
    await expect(client.call('x')).rejects.toMatchObject({ code: 'ENOENT' });
    client.close();
    await expect(client.call('x')).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
  });

  it('rejects what is in flight when it is closed', async () => {
    const { client } = await start(() => undefined);
    const call = client.call('x');
    client.close();
    await expect(call).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });
});

it.skipIf(process.getuid?.() !== 0)(
  'says nothing to a socket of another user (only root can make one)',
  async () => {
    const { socketPath } = makeTempHome();
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    }).listen(socketPath);
    await once(server, 'listening');
    chownSync(socketPath, 65534, 65534);
    const client = makeClient({ socketPath });
    onTestFinished(() => {
      client.close();
      server.close();
    });
    await expect(client.call('echo', ['a secret'])).rejects.toMatchObject({
      code: 'FOREIGN_FILE',
      message: expect.stringContaining('uid 65534') as string,
    });
    expect(connections).toBe(0);
  },
);

describe('a client with a token', () => {
  const token = 'f'.repeat(64);

  it('asks for nothing on a connection before that is what the token is for', async () => {
    const heard: string[][] = [];
    const { client, connections } = await start(
      async (socket, count) => {
        const lines: string[] = [];
        heard.push(lines);
        for (;;) {
          const line = await readLine(socket).catch(() => undefined);
          if (line === undefined) return;
          const { id, method } = JSON.parse(line) as Record<string, unknown>;
          lines.push(String(method));
          await delay(20);
          // The first connection breaks when it is asked for something.
          if (count === 1 && method !== 'authorize') return socket.destroy();
          const answer = { jsonrpc: '2.0', id, result: method };
          await writeLine(socket, JSON.stringify(answer));
        }
      },
      5_000,
      { token },
    );
    await expect(client.call('a')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    expect(
      await Promise.all([client.call('b'), client.call('c')]),
    ).toStrictEqual(['b', 'c']);
    expect(connections()).toBe(2);
    expect(heard).toStrictEqual([
      ['authorize', 'a'],
      ['authorize', 'b', 'c'],
    ]);
  });

  it('is told why it is refused, and has asked for nothing, also by a daemon that knows no tokens', async () => {
    const heard: unknown[] = [];
    const { client, connections } = await start(
      async (socket) => {
        for (;;) {
          const line = await readLine(socket).catch(() => undefined);
          if (line === undefined) return;
          const { id, method } = JSON.parse(line) as Record<string, unknown>;
          heard.push(method);
          const error = { code: -32601, message: 'no such method' };
          await writeLine(
            socket,
            JSON.stringify({ jsonrpc: '2.0', id, error }),
          );
        }
      },
      5_000,
      { token },
    );
    for (let i = 0; i < 2; i += 1)
      await expect(
        Promise.all([client.call('a'), client.call('b')]),
      ).rejects.toMatchObject({ code: -32601 });
    expect(heard).toStrictEqual(['authorize', 'authorize']);
    expect(connections()).toBe(2);
  });
});
