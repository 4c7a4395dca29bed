/**
 * The daemon's socket: JSON-RPC, one message a line. Only its owner can connect,
 * from the first instant on. Its file is but a name, which others can take away.
 */
import { rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { refusal, type Rpc } from '@ocap/kernel/rpc';
import { limitValues, type LimitValues, type Logger } from '@ocap/kernel-utils';
import { preparePrivateFolder } from './private-folder.ts';
import { serveConnection, type RpcConnection } from './rpc-connection.ts';

export type RpcSocketServer = Readonly<{
  /** How many connections are open. */
  connections(): number;
  /**
   * Listens anew if its file is gone, or is another's by now: whether it was.
   * Connections go on. Rejects where it cannot; then nobody new is heard.
   */
  restore(): Promise<boolean>;
  /**
   * Takes no new connections, and removes the socket file. Who is connected is
   * refused whatever is new, and told why.
   */
  stopAccepting(): void;
  /** Lets what is in flight be answered, and closes. Resolves when all is closed. */
  close(): Promise<void>;
}>;

type Options = Readonly<{
  /** In a folder that is this server's alone; it is made private. */
  socketPath: string;
  rpc: Rpc;
  logger: Logger;
  limits?: LimitValues;
  /** Milliseconds of a clock that never goes back; the system's by default. */
  now?: () => number;
}>;

/** How often a flood of connections is told to the log. */
const TOLD_MS = 1000;

/**
 * Listens. A socket file that is left over is removed: who calls this holds the
 * lock of the home, so it belongs to nobody.
 */
export const startRpcSocketServer = async ({
  socketPath,
  rpc,
  logger,
  limits = limitValues(),
  now = () => performance.now(),
}: Options): Promise<RpcSocketServer> => {
  const connections = new Set<RpcConnection>();
  const tellRefused = makeFloodLog(logger, 'Connections were refused.');
  const tellGaveWay = makeFloodLog(logger, 'Connections gave way to new ones.');

  /** Many who do not read, each within its own cap, would still fill the memory. */
  const boundUnread = (): void => {
    let total = 0;
    let most: RpcConnection | undefined;
    for (const connection of connections) {
      total += connection.unreadBytes();
      if (connection.unreadBytes() > (most?.unreadBytes() ?? 0)) {
        most = connection;
      }
    }
    if (total > limits.unreadTotalBytes) most?.dropUnread();
  };

  /**
   * Otherwise a few hundred connections that nobody uses, of a program that
   * forgets to close them, would keep everybody else out for ever.
   */
  const makeRoom = (): void => {
    let most: RpcConnection | undefined;
    let mostMs = 0;
    for (const connection of connections) {
      const overdueMs = connection.overdueMs();
      if (overdueMs > mostMs) {
        most = connection;
        mostMs = overdueMs;
      }
    }
    if (most === undefined) return;
    tellGaveWay(connections.size);
    connections.delete(most);
    most.giveWay();
  };

  const accept = (socket: Socket): void => {
    if (connections.size >= limits.connections) makeRoom();
    if (connections.size >= limits.connections) {
      refuseConnection(socket, limits.connections);
      tellRefused(connections.size);
      return;
    }
    const connection = serveConnection({
      socket,
      rpc,
      logger,
      limits,
      onUnread: boundUnread,
      now,
    });
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };

  const listen = async (): Promise<Listening> => {
    const server = createServer({ allowHalfOpen: true }, accept);
    preparePrivateFolder(dirname(socketPath));
    rmSync(socketPath, { force: true });
    await listenPrivately(server, socketPath);
    server.on('error', (err) => logger.error('The socket failed.', { err }));
    const closed = new Promise<void>((resolve) => {
      server.once('close', resolve);
    });
    return { server, file: fileAt(socketPath), closed };
  };
  let listening = await listen();
  const earlier: Listening['closed'][] = [];
  let accepting = true;

  const stopAccepting = (): void => {
    if (!accepting) return;
    accepting = false;
    listening.server.close();
    rpc.stop();
  };
  return {
    connections: () => connections.size,
    restore: async () => {
      if (!accepting || listening.file === fileAt(socketPath)) return false;
      // First, because a server deletes the name that it had when it ends.
      listening.server.close();
      earlier.push(listening.closed);
      listening = await listen();
      if (!accepting) listening.server.close();
      return true;
    },
    stopAccepting,
    close: async () => {
      stopAccepting();
      for (const connection of connections) connection.finish();
      await Promise.all([...earlier, listening.closed]);
    },
  };
};

/** A line for many of them: a flood must not fill the log. */
const makeFloodLog = (
  logger: Logger,
  message: string,
): ((open: number) => void) => {
  let count = 0;
  let toldAt = -Infinity;
  return (open) => {
    count += 1;
    const now = performance.now();
    if (now - toldAt < TOLD_MS) return;
    logger.warn(message, { count, open });
    toldAt = now;
    count = 0;
  };
};

type Listening = Readonly<{
  server: Server;
  /** Which file was made for it. */
  file: string | undefined;
  closed: Promise<void>;
}>;

const fileAt = (path: string): string | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && `${stat.dev} ${stat.ino}`;
};

/** With an answer, so that a client knows why; but at no cost to the others. */
const refuseConnection = (socket: Socket, max: number): void => {
  const line = refusal(
    'invalidRequest',
    `Invalid request: at most ${max} connections`,
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
