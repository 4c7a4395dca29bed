import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createServer as createTlsServer,
  setDefaultCACertificates,
} from 'node:tls';
import { limitValues, type LimitValues } from '@ocap/kernel-utils';
import { expect, it, onTestFinished } from 'vitest';
import { makeNetworkChannel } from './network-channel.ts';

type Talk = (socket: Socket) => void;

const listen = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const serve = async (talk: Talk): Promise<number> => listen(createServer(talk));

const open = (
  port: number,
  limits: Partial<LimitValues> = {},
  more: object = {},
) => {
  const spec = { host: '127.0.0.1', port, ...more };
  const channel = makeNetworkChannel(spec, limitValues(limits));
  onTestFinished(async () => channel.close());
  return channel;
};

it('connects when it is used first, and talks both ways', async () => {
  let connections = 0;
  const port = await serve((socket) => {
    connections += 1;
    socket.write('welcome\r\n');
    socket.on('data', (data: Buffer) => socket.write(`heard ${String(data)}`));
  });
  const { read, write } = open(port);
  await delay(20);
  expect(connections).toBe(0);
  expect(await read()).toBe('welcome');
  await write('hello');
  expect(await read()).toBe('heard hello');
  expect(connections).toBe(1);
});

it('reads to the end, then null, and then connects anew', async () => {
  let connections = 0;
  const port = await serve((socket) => {
    connections += 1;
    socket.end(`call ${connections}\nlast`);
  });
  const { read } = open(port);
  const lines: unknown[] = [];
  for (let at = 0; at < 6; at += 1) lines.push(await read());
  expect(lines).toStrictEqual([
    ...['call 1', 'last', null],
    ...['call 2', 'last', null],
  ]);
});

it('goes on writing to one who says no more', async () => {
  const heard: string[] = [];
  const port = await listen(
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.end('go on\n');
      socket.on('data', (data: Buffer) => heard.push(String(data)));
    }),
  );
  const { read, write } = open(port);
  expect(await read()).toBe('go on');
  await write('still here?');
  await expect
    .poll(() => heard.join(''), { timeout: 10_000 })
    .toBe('still here?\n');
});

it('tells what failed, and connects anew', async () => {
  let connections = 0;
  const port = await serve((socket) => {
    connections += 1;
    if (connections === 1) {
      socket.once('data', () => socket.resetAndDestroy());
    } else {
      socket.end('second\n');
    }
  });
  const { read, write } = open(port);
  await write('x');
  await expect(read()).rejects.toThrow(/ECONNRESET/u);
  expect(await read()).toBe('second');
});

it('says so when nobody is there, and tries again with the next call', async () => {
  const server = createServer((socket) => socket.end('now\n'));
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  const { read, write } = open(port);
  await expect(read()).rejects.toThrow(
    RegExp(`^127\\.0\\.0\\.1:${port} cannot be reached: .*ECONNREFUSED`, 'u'),
  );
  await expect(write('x')).rejects.toThrow(/cannot be reached/u);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await read()).toBe('now');
});

it('waits with a write until the other side has room', async () => {
  const sockets: Socket[] = [];
  const port = await serve((socket) => {
    socket.pause();
    sockets.push(socket);
  });
  const { write } = open(port);
  let done = false;
  const text = 'x'.repeat(32 * 1024 * 1024);
  const writing = write(text).then(() => {
    done = true;
  });
  await expect.poll(() => sockets.length, { timeout: 10_000 }).toBe(1);
  await delay(100);
  expect(done).toBe(false);
  sockets[0]?.resume();
  await writing;
});

it('takes lines of so many bytes and no more', async () => {
  const port = await serve((socket) => socket.end('12345678\n123456789\n'));
  const { read } = open(port, { ioLineBytes: 8 });
  expect(await read()).toBe('12345678');
  await expect(read()).rejects.toThrow(/ioLineBytes was reached/u);
});

it('rejects what waits when it is closed', async () => {
  const port = await serve(() => undefined);
  const { read, close } = open(port);
  const waiting = expect(read()).rejects.toThrow(/closed/u);
  await delay(20);
  await close();
  await close();
  await waiting;
  await expect(read()).rejects.toThrow(/the channel was closed/u);
});

const fixture = (name: string): string =>
  readFileSync(
    new URL(`../testing/fixtures/tls/${name}`, import.meta.url),
    'utf8',
  );
const serveTls = async (talk: Talk): Promise<number> =>
  listen(
    createTlsServer(
      { key: fixture('key.pem'), cert: fixture('certificate.pem') },
      talk,
    ),
  );

it('speaks TLS with a host whose certificate is in order, and with no other', async () => {
  const port = await serveTls((socket) => socket.end('in private\n'));
  await expect(open(port, {}, { tls: true }).read()).rejects.toThrow(
    /cannot be reached: self-signed certificate/u,
  );
  setDefaultCACertificates([fixture('certificate.pem')]);
  expect(await open(port, {}, { tls: true }).read()).toBe('in private');
  const named = { tls: true, host: 'localhost' };
  expect(await open(port, {}, named).read()).toBe('in private');
});

it('waits so long for a connection, with TLS, and no longer', async () => {
  const ioConnectMs = 300;
  // One that takes connections and never begins to speak TLS.
  const mute = open(
    await serve(() => undefined),
    { ioConnectMs },
    { tls: true },
  );
  await expect(mute.read()).rejects.toThrow(/did not answer within 0.3 s/u);
  // One that is slow after the connection has been made.
  const slow = await serve((socket) => {
    setTimeout(() => socket.end('late\n'), 2 * ioConnectMs);
  });
  expect(await open(slow, { ioConnectMs }).read()).toBe('late');
});
