/**
 * A web server on this machine for a test, that notes what it is asked; ended
 * after the test, whatever still hangs on it.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Asked = Readonly<{
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Resolves when its connection is gone. */
  closed: Promise<void>;
}>;

export type TestServer = Readonly<{
  port: number;
  /** `http://127.0.0.1:port` */
  origin: string;
  /** Requests in the order in which they came. */
  asked: readonly Asked[];
  /** The request of this number, from 0, as soon as it is there. */
  request(at: number): Promise<Asked>;
}>;

export const startTestServer = async (
  answer: (asked: Asked, response: ServerResponse) => void,
  { address = '127.0.0.1', port = 0 } = {},
): Promise<TestServer> => {
  const asked: Asked[] = [];
  const waiting = new Map<number, (request: Asked) => void>();

  const take = async (
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const { method = '', url = '', headers, socket } = message;
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
      chunks.push(chunk as Buffer);
    }
    const body = Buffer.concat(chunks).toString();
    const request = { method, url, headers, body, closed };
    waiting.get(asked.length)?.(request);
    asked.push(request);
    answer(request, response);
  };

  const server = createServer((message, response) => {
    take(message, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(port, address, resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    origin: `http://${address}:${bound}`,
    asked,
    request: async (at) =>
      asked[at] ??
      new Promise((resolve) => {
        waiting.set(at, resolve);
      }),
  };
};
