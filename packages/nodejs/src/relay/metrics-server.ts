/** `GET /metrics` on loopback, for a Prometheus on the same machine. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fail, messageOf } from '@ocap/kernel-utils';
import { systemCodeOf } from '../client/errors.ts';

export type MetricsServer = Readonly<{ url: string; close(): void }>;

/** @throws RELAY_PORT_TAKEN, RELAY_LISTEN_FAILED */
export const startMetricsServer = async (
  port: number,
  text: () => string,
): Promise<MetricsServer> => {
  const server = createServer((request, response) => {
    const isRight = request.method === 'GET' && request.url === '/metrics';
    response.writeHead(isRight ? 200 : 404, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(isRight ? text() : 'There is only GET /metrics.\n');
  });
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    throw systemCodeOf(cause) === 'EADDRINUSE'
      ? fail('RELAY_PORT_TAKEN', { port }, { cause })
      : fail('RELAY_LISTEN_FAILED', { problem: messageOf(cause) }, { cause });
  }
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/metrics`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
