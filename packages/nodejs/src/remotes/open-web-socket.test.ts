import { createServer, type AddressInfo } from 'node:net';
import { multiaddr } from '@multiformats/multiaddr';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openWebSocket } from './open-web-socket.ts';

/** What a client asks first, and whether it has hung up. */
const startServer = async (host = '127.0.0.1') => {
  const heard = { text: '', isOver: false };
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      heard.text += bytes.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      heard.isOver = true;
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return { heard, port: (server.address() as AddressInfo).port };
};

it('hangs up on who does not answer in time', async () => {
  const { heard, port } = await startServer();
  const address = multiaddr(`/ip4/127.0.0.1/tcp/${port}/ws`);
  await expect(
    openWebSocket(address, AbortSignal.timeout(300)),
  ).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(heard.text).toMatch(/^GET \/ HTTP\/1\.1\r\n/u);
  await vi.waitFor(() => expect(heard.isOver).toBe(true));
});

it.each([
  ['/ip4/127.0.0.1/tcp/PORT/ws', /^GET \/.*host: 127\.0\.0\.1:PORT/isu],
  [
    '/dns4/localhost/tcp/PORT/ws/p2p/12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV',
    /host: localhost:PORT/iu,
  ],
  // The first message of TLS, with the name of the server in it.
  ['/dns4/localhost/tcp/PORT/tls/ws', /^\x16\x03.*localhost/su],
  ['/dns4/localhost/tcp/PORT/wss', /^\x16\x03.*localhost/su],
  ['/ip4/127.0.0.1/tcp/PORT/tls/sni/localhost/ws', /^\x16\x03.*localhost/su],
])('%s asks accordingly', async (address, expected) => {
  const { heard, port } = await startServer();
  const given = new AbortController();
  const opening = openWebSocket(
    multiaddr(address.replace('PORT', String(port))),
    given.signal,
  );
  const refused = expect(opening).rejects.toThrow();
  await vi.waitFor(() =>
    expect(heard.text.replaceAll(String(port), 'PORT')).toMatch(expected),
  );
  given.abort();
  await refused;
});

it('says why nothing was opened', async () => {
  const address = multiaddr('/ip4/127.0.0.1/tcp/1/ws');
  const { signal } = new AbortController();
  await expect(openWebSocket(address, signal)).rejects.toThrow(
    'no WebSocket could be opened',
  );
});
