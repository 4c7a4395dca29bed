import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBundleServer, type BundleServer } from './bundle-server.ts';

const bundle = '{"moduleFormat":"iife","code":"/* ü */"}';

let folder: string;
let server: BundleServer;
let answers: unknown[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-server-test-'));
  writeFileSync(join(folder, 'a.bundle'), bundle);
  answers = [];
  server = await openBundleServer({
    folder,
    host: '127.0.0.1',
    port: 0,
    onAnswer: (answer) => answers.push(answer),
  });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** With the path and the host as they are given, which `fetch` would put right. */
const ask = async (
  path: string,
  { method = 'GET', host = 'localhost' } = {},
): Promise<readonly [status: number, text: string]> => {
  const asked = request({
    host: '127.0.0.1',
    port: server.port,
    path,
    method,
    headers: { host },
  });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks = await answer.toArray();
  return [answer.statusCode ?? 0, Buffer.concat(chunks).toString()];
};

describe('a bundle server', () => {
  it('gives a bundle as JSON that nobody keeps', async () => {
    const answer = await fetch(`${server.url}/a.bundle`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(
      'application/json; charset=utf-8',
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(await answer.text()).toBe(bundle);
    const head = await fetch(`${server.url}/a.bundle`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(
      String(Buffer.byteLength(bundle)),
    );
    expect(answers).toStrictEqual([
      { method: 'GET', target: '/a.bundle', status: 200 },
      { method: 'HEAD', target: '/a.bundle', status: 200 },
    ]);
  });

  it('is only for this machine, at a port of its own', async () => {
    expect(server.isLoopback).toBe(true);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(server.port).toBeGreaterThan(0);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'does not take %s',
    async (method) => {
      const [status] = await ask('/a.bundle', { method });
      expect(status).toBe(405);
    },
  );

  it.each([
    ['localhost:1', 200],
    ['LocalHost', 200],
    ['127.0.0.1', 200],
    ['[::1]:80', 200],
    ['evil.test', 403],
    ['evil.test:80', 403],
    ['localhost.evil.test', 403],
    ['127.0.0.1.evil.test', 403],
  ])('answers a request for the host %s with %i', async (host, status) => {
    expect((await ask('/a.bundle', { host }))[0]).toBe(status);
  });

  it('refuses a path that climbs, as it came', async () => {
    expect(await ask('/../a.bundle')).toStrictEqual([
      403,
      'that is not in the folder\n',
    ]);
    expect(answers).toStrictEqual([
      { method: 'GET', target: '/../a.bundle', status: 403 },
    ]);
  });

  it('closes also while somebody is connected', async () => {
    const other = await openBundleServer({
      folder,
      host: '127.0.0.1',
      port: 0,
      onAnswer: () => undefined,
    });
    const socket = connect(other.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await other.close();
    await closed;
  });
});

describe('a bundle server cannot be opened', () => {
  const open = async (options: object): Promise<BundleServer> =>
    openBundleServer({
      folder,
      host: '127.0.0.1',
      port: 0,
      onAnswer: () => undefined,
      ...options,
    });

  it('at a port that is taken', async () => {
    await expect(open({ port: server.port })).rejects.toThrow(
      `port ${server.port} is taken`,
    );
  });

  it('at an address of another machine', async () => {
    await expect(open({ host: '192.0.2.1' })).rejects.toThrow(
      'cannot listen at 192.0.2.1',
    );
  });

  it.each([
    ['a file', 'a.bundle', 'it is not a folder'],
    ['nothing', 'gone', 'ENOENT'],
  ])('for %s', async (_title, name, message) => {
    await expect(open({ folder: join(folder, name) })).rejects.toThrow(message);
  });
});
