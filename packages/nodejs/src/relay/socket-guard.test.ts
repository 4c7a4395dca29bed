/** Real sockets, at a server that is as slow to speak as its clients. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { guardSockets, type SocketGuard } from './socket-guard.ts';

/** Answers whatever it is told by one byte. */
const startServer = async (path?: string): Promise<() => Promise<Socket>> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', () => socket.write('!'));
    socket.on('error', () => undefined);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path });
  await once(server, 'listening');
  return async () => {
    const { port } = server.address() as AddressInfo;
    const socket =
      path === undefined ? connect(port, '127.0.0.1') : connect(path);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'connect');
    return socket;
  };
};

const guard = (
  options: Partial<Parameters<typeof guardSockets>[0]>,
): SocketGuard => {
  const made = guardSockets({
    maxSockets: 100,
    maxPerIp: 100,
    silentMs: 60_000,
    ...options,
  });
  onTestFinished(made.stop);
  return made;
};

it('closes a socket on which nothing came to be said, and no other', async () => {
  const open = await startServer();
  const { closed } = guard({ silentMs: 300 });
  const talking = await open();
  talking.write('hello');
  const silent = await open();
  await once(silent, 'close');
  await delay(50);
  expect(closed()).toBe(1);
  expect(talking.closed).toBe(false);
});

it.each([{ maxSockets: 2 }, { maxPerIp: 2 }])(
  'lets so many in (%j) and not one more, until one leaves',
  async (most) => {
    const open = await startServer();
    const { closed } = guard(most);
    const first = await open();
    const second = await open();
    const third = await open();
    await once(third, 'close');
    expect(closed()).toBe(1);
    expect([first.closed, second.closed]).toStrictEqual([false, false]);
    first.destroy();
    await delay(50);
    const fourth = await open();
    await delay(50);
    expect(fourth.closed).toBe(false);
    expect(closed()).toBe(1);
  },
);

it('lets the sockets of the owner be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ocap-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const open = await startServer(join(folder, 's'));
  const { closed } = guard({ maxSockets: 1, silentMs: 50 });
  const sockets = [await open(), await open()];
  await delay(200);
  expect(sockets.map((socket) => socket.closed)).toStrictEqual([false, false]);
  expect(closed()).toBe(0);
});

it('lets everything be once it has stopped', async () => {
  const open = await startServer();
  const { stop, closed } = guard({ maxSockets: 0 });
  stop();
  const socket = await open();
  await delay(50);
  expect(socket.closed).toBe(false);
  expect(closed()).toBe(0);
});
