/** A program at the other end of a socket, for one test. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { readLine } from '../daemon/line-protocol.ts';

export type SocketClient = Readonly<{
  socket: Socket;
  say(text: string): void;
  /** The next line that it hears; rejects when the other side has hung up. */
  hear(): Promise<string>;
  /** Says no more, but listens on. */
  end(): void;
  leave(): Promise<void>;
  /** Resolves when the other side says no more. */
  hungUp(): Promise<void>;
}>;

export const connectTo = async (path: string): Promise<SocketClient> => {
  const socket = connect({ path, allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return {
    socket,
    say: (text) => {
      socket.write(text);
    },
    hear: async () => readLine(socket, { timeoutMs: 10_000 }),
    end: () => {
      socket.end();
    },
    leave: async () => {
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    },
    hungUp: async () =>
      new Promise((resolve) => {
        socket.once('end', resolve).once('close', () => resolve());
        socket.resume();
      }),
  };
};
