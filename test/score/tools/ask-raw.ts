/** One request on a connection of its own, and every byte that comes back. */
import { connect } from 'node:net';
import type { Json } from '@ocap/kernel-utils';

/** Resolves when a whole line has come, or the connection has ended. */
export const askRaw = async (
  socketPath: string,
  method: string,
  params: Json,
): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(socketPath);
    socket.on('connect', () => {
      const request = { jsonrpc: '2.0', id: 1, method, params };
      socket.write(`${JSON.stringify(request)}\n`);
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunk.includes(10)) socket.destroy();
    });
    // What was lost with its daemon: what has come until then is the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
