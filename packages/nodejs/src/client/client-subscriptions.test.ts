/** Subscriptions of a client against small servers that come, go and refuse. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeTempHome } from '../daemon/fixtures/temp-home.ts';
import type { DaemonEvent } from './client-subscriptions.ts';
import { RpcError } from './errors.ts';
import { makeClient, type Client } from './make-client.ts';

type Request = Readonly<{
  id: number;
  method: string;
  params: Readonly<Record<string, unknown>>;
}>;

type Scene = Readonly<{
  client: Client;
  /** What was asked of all servers so far, without ids. */
  asked: object[];
  /** Listens; `answer` is given each request and the way to write lines. */
  listen(
    answer: (request: Request, write: (...lines: object[]) => void) => void,
  ): Promise<Readonly<{ drop(): void; close(): void }>>;
}>;

const openScene = (): Scene => {
  const { socketPath } = makeTempHome();
  const asked: object[] = [];
  const client = makeClient({ socketPath, timeoutMs: 5_000 });
  onTestFinished(() => client.close());
  return {
    client,
    asked,
    listen: async (answer) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        createInterface({ input: socket }).on('line', (line) => {
          const { id, method, params } = JSON.parse(line) as Request;
          asked.push({ method, params });
          answer({ id, method, params }, (...lines) => {
            const texts = lines.map((each) =>
              JSON.stringify({ jsonrpc: '2.0', ...each }),
            );
            // In one write, so that they arrive together.
            socket.write(`${texts.join('\n')}\n`);
          });
        });
      }).listen(socketPath);
      const drop = (): void => sockets.forEach((socket) => socket.destroy());
      const close = (): void => {
        server.close();
        drop();
      };
      onTestFinished(close);
      await once(server, 'listening');
      return { drop, close };
    },
  };
};

const event = (n: number, subscription = 'sub1'): object => ({
  method: 'event',
  params: {
    subscription,
    cursor: `e${n}`,
    at: n,
    topic: 'vat',
    type: 'launched',
    n,
  },
});
const begun = (id: number, cursor: unknown): object => ({
  id,
  result: { subscription: 'sub1', cursor },
});

describe('a subscription of a client (V-25)', () => {
  it('is told of what comes together with its answer, and knows where it is', async () => {
    const { client, asked, listen } = openScene();
    await listen(({ id }, write) => {
      write(event(1), begun(id, 'e1'), event(2), event(7, 'sub7'), event(3));
    });
    const told: DaemonEvent[] = [];
    const subscription = await client.subscribe(['vat', 'log'], {
      level: 'warn',
      onEvent: (next) => {
        told.push(next);
      },
    });
    expect(told).toStrictEqual([]);
    expect(subscription.cursor()).toBe('e1');
    await vi.waitFor(() => expect(told).toHaveLength(2));
    expect(told).toStrictEqual([
      { cursor: 'e2', at: 2, topic: 'vat', type: 'launched', n: 2 },
      { cursor: 'e3', at: 3, topic: 'vat', type: 'launched', n: 3 },
    ]);
    expect(subscription.cursor()).toBe('e3');
    expect(asked).toStrictEqual([
      {
        method: 'subscribe',
        params: { topics: ['vat', 'log'], level: 'warn' },
      },
    ]);
  });

  it('goes on from its cursor with the next connection, and with the next daemon', async () => {
    const { client, asked, listen } = openScene();
    let next = 5;
    const answer: Parameters<Scene['listen']>[0] = ({ id, params }, write) => {
      next += 1;
      write(begun(id, params['cursor']), event(next));
    };
    const first = await listen(answer);
    const told: number[] = [];
    let lost = 0;
    const { cursor } = await client.subscribe(['vat'], {
      cursor: 'e5',
      onEvent: ({ at }) => {
        told.push(at);
      },
      onLost: () => {
        lost += 1;
      },
    });
    await vi.waitFor(() => expect(told).toStrictEqual([6]));
    first.drop();
    await vi.waitFor(() => expect(told).toStrictEqual([6, 7]));
    first.close();
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    expect(asked).toHaveLength(2);
    await listen(answer);
    await vi.waitFor(() => expect(told).toStrictEqual([6, 7, 8]), 5_000);
    expect(lost).toBe(2);
    expect(cursor()).toBe('e8');
    expect(asked).toMatchObject([
      { params: { cursor: 'e5' } },
      { params: { cursor: 'e6' } },
      { params: { cursor: 'e7' } },
    ]);
  });

  it('is refused as a call is', async () => {
    const { client, listen } = openScene();
    await expect(
      client.subscribe(['vat'], { onEvent: () => undefined }),
    ).rejects.toMatchObject({ code: 'ENOENT' });
    await listen(({ id }, write) => {
      write({ id, error: { code: -32602, message: 'no such topic' } });
    });
    await expect(
      client.subscribe(['vet'], { onEvent: () => undefined }),
    ).rejects.toBeInstanceOf(RpcError);
  });

  it.each<[string, object, object]>([
    [
      'refuses to go on',
      { error: { code: 1000, message: 'no', data: { code: 'LIMIT_REACHED' } } },
      { code: 1000 },
    ],
    ['answers what is none', { result: {} }, { code: 'INVALID_RESPONSE' }],
  ])('ends where a daemon %s', async (_title, refusal, error) => {
    const { client, asked, listen } = openScene();
    const first = await listen(({ id }, write) => write(begun(id, 'e5')));
    const { ended } = await client.subscribe(['vat'], {
      onEvent: () => undefined,
    });
    first.close();
    await listen(({ id }, write) => write({ id, ...refusal }));
    await expect(ended).rejects.toMatchObject(error);
    expect(asked).toHaveLength(2);
  });

  it('outlives a daemon that is just shutting down', async () => {
    const { client, asked, listen } = openScene();
    const server = await listen(({ id }, write) => {
      const data = { code: 'SHUTTING_DOWN' };
      const error = { id, error: { code: 1000, message: 'no', data } };
      write(asked.length === 2 ? error : begun(id, 'e5'));
    });
    await client.subscribe(['vat'], { onEvent: () => undefined });
    server.drop();
    await vi.waitFor(() => expect(asked).toHaveLength(3), 5_000);
  });

  it('tells nothing more once it is closed, and says so to the daemon', async () => {
    const { client, asked, listen } = openScene();
    const server = await listen(({ id, method }, write) => {
      if (method === 'subscribe') write(begun(id, 'e1'), event(2), event(3));
      else write(event(4), { id, result: null });
    });
    const told: number[] = [];
    const subscription = await client.subscribe(['vat'], {
      onEvent: ({ at }) => {
        told.push(at);
        subscription.close();
      },
    });
    await subscription.ended;
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]).toStrictEqual({
      method: 'unsubscribe',
      params: { subscription: 'sub1' },
    });
    server.drop();
    await new Promise((resolve) => {
      setTimeout(resolve, 400);
    });
    expect(told).toStrictEqual([2]);
    expect(asked).toHaveLength(2);
  });

  it('ends with its client, also while it is tried again', async () => {
    const { client, asked, listen } = openScene();
    const server = await listen(({ id }, write) => write(begun(id, 'e1')));
    const options = { onEvent: () => undefined };
    const { ended } = await client.subscribe(['vat'], options);
    server.close();
    client.close();
    await ended;
    await expect(client.subscribe(['vat'], options)).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    expect(asked).toHaveLength(1);
  });
});
