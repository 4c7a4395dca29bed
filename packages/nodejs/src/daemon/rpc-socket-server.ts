/**
 * The daemon's socket: JSON-RPC, one message a line. Only its owner can connect,
 * from the first instant on.
 */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { refusal, type Rpc } from '@ocap/kernel/rpc';
import { limits, type Logger } from '@ocap/kernel-utils';
import { preparePrivateFolder } from './private-folder.ts';
import { serveConnection, type RpcConnection } from './rpc-connection.ts';

export type RpcSocketServer = Readonly<{
  /** Takes no new connections and no new requests, and removes the socket file. */
  stopAccepting(): void;
  /** Lets what is in flight be answered, and closes. Resolves when all is closed. */
  close(): Promise<void>;
}>;

type Options = Readonly<{
  /** In a folder that is this server's alone; it is made private. */
  socketPath: string;
  rpc: Rpc;
  logger: Logger;
}>;

/**
 * Listens. A socket file that is left over is removed: who calls this holds the
 * lock of the home, so it belongs to nobody.
 */
export const startRpcSocketServer = async ({
  socketPath,
  rpc,
  logger,
}: Options): Promise<RpcSocketServer> => {
  const connections = new Set<RpcConnection>();

  const accept = (socket: Socket): void => {
    if (connections.size >= limits.connections.value) {
      refuseConnection(socket);
      logger.warn('A connection was refused.', { open: connections.size });
      return;
    }
    const connection = serveConnection({ socket, rpc, logger });
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };

  const server = createServer({ allowHalfOpen: true }, accept);
  preparePrivateFolder(dirname(socketPath));
  rmSync(socketPath, { force: true });
  await listenPrivately(server, socketPath);
  server.on('error', (err) => logger.error('The socket failed.', { err }));

  const closed = new Promise<void>((resolve) => {
    server.once('close', resolve);
  });
  const stopAccepting = (): void => {
    if (!server.listening) return;
    server.close();
    for (const connection of connections) connection.stopReading();
  };
  return {
    stopAccepting,
    close: async () => {
      stopAccepting();
      for (const connection of connections) connection.finish();
      await closed;
    },
  };
};

/** With an answer, so that a client knows why; but at no cost to the others. */
const refuseConnection = (socket: Socket): void => {
  const line = refusal(
    'invalidRequest',
    `Invalid request: at most ${limits.connections.value} connections`,
  );
  socket.on('error', () => socket.destroy());
  socket.end(`${line}\n`);
  socket.once('finish', () => socket.destroy());
};

/** The mask holds while the file is made, which `listen` does before it returns. */
const listenPrivately = async (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
