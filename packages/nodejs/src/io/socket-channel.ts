/**
 * A channel of type `socket`: listens at a Unix socket from the start on, and
 * talks to one client after the other. The next one is heard when the one before
 * has left, all that it said was read, and somebody reads on; so no answer ever
 * reaches another client than the one that was asked.
 */
import { createServer, type Socket } from 'node:net';
import {
  limitValues,
  makeInOrder,
  type Logger,
  type LimitValues,
} from '@ocap/kernel-utils';
import { makeConversation, type Conversation } from './conversation.ts';
import { listenPrivately } from './listen-privately.ts';

export type SocketChannel = Readonly<{
  /** The next line of whoever is connected; waits until somebody is and says something. */
  read(): Promise<string>;
  /** Resolves when the client's side has taken it; waits until somebody is connected. */
  write(text: string): Promise<void>;
  /** What waits is rejected, and the socket file goes. Idempotent. */
  close(): Promise<void>;
}>;

type Options = Readonly<{
  limits?: Pick<LimitValues, 'ioClients' | 'ioLineBytes' | 'ioUnreadBytes'>;
  logger?: Pick<Logger, 'warn'>;
  /** The path as people know it. */
  shown?: string;
}>;

/** Resolves when it listens; rejects with a reason for people. */
export const makeSocketIOChannel = async (
  name: string,
  path: string,
  { limits = limitValues(), logger, shown = path }: Options = {},
): Promise<SocketChannel> => {
  const sockets = new Set<Socket>();
  const waiting: Socket[] = [];
  let current: Conversation | undefined;
  let arrived = Promise.withResolvers<void>();
  let closed = false;

  const insistOpen = (): void => {
    if (closed) {
      throw Error('the channel was closed');
    }
  };

  const hearNext = (): void => {
    const socket = waiting.shift();
    current = socket && makeConversation(socket, limits);
    if (socket === undefined) {
      arrived = Promise.withResolvers<void>();
    } else {
      socket.resume();
      arrived.resolve();
    }
  };

  // One that has said all may still want to hear the answer.
  const server = createServer(
    { allowHalfOpen: true, pauseOnConnect: true },
    (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined); // What is lost by it, `read` and `write` tell.
      socket.once('close', () => sockets.delete(socket));
      waiting.push(socket);
      if (current === undefined) {
        hearNext();
      }
    },
  );
  server.maxConnections = limits.ioClients;

  const client = async (): Promise<Conversation> => {
    while (current === undefined && !closed) {
      await arrived.promise;
    }
    insistOpen();
    return current ?? client();
  };

  const lineOf = async (speaker: Conversation): Promise<string | null> => {
    try {
      return await speaker.next();
    } catch (error) {
      insistOpen();
      const problem = error instanceof Error ? error.message : String(error);
      logger?.warn(`the client of the channel was lost: ${problem}`, {
        channel: name,
      });
      return null;
    }
  };

  const inWriteOrder = makeInOrder();
  /** Resolves when all that was to be written so far is written or has failed. */
  const written = inWriteOrder(async () => undefined);

  const read = async (): Promise<string> => {
    for (;;) {
      const speaker = await client();
      const line = await lineOf(speaker);
      if (line !== null) {
        return line;
      }
      await written();
      if (current === speaker) {
        speaker.finish();
        hearNext();
      }
    }
  };

  const write = async (text: string): Promise<void> => {
    const listener = await client();
    try {
      await listener.write(text);
    } catch (error) {
      insistOpen();
      if (listener.hasUnread()) {
        throw Error(
          'the client has left, and what it said was not all read: read on',
          { cause: error },
        );
      }
      if (current === listener) {
        hearNext();
      }
      throw error;
    }
  };

  await listenPrivately(server, path, shown);
  server.on('error', ({ message }) =>
    logger?.warn(`the socket of the channel failed: ${message}`, {
      channel: name,
    }),
  );
  const gone = new Promise<void>((resolve) => {
    server.once('close', resolve);
  });
  return {
    read: makeInOrder()(read),
    write: inWriteOrder(write),
    close: async () => {
      closed = true;
      arrived.resolve();
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await gone;
    },
  };
};
