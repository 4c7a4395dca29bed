/**
 * A channel of type `network`: connects when it is used first, and again when it
 * is used after the end of a connection was told: by null, or by a rejection.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IoChannel, IoSpec } from '@ocap/kernel';
import { makeInOrder, type LimitValues } from '@ocap/kernel-utils';
import { makeConversation, type Conversation } from './conversation.ts';

type Network = Omit<IoSpec & { type: 'network' }, 'type'>;

export const makeNetworkChannel = (
  spec: Network,
  limits: LimitValues,
): Required<Pick<IoChannel, 'read' | 'write' | 'close'>> => {
  let connection: Promise<Conversation> | undefined;
  let socket: Socket | undefined;
  let closed = false;

  const open = async (): Promise<Conversation> => {
    if (closed) {
      throw Error('the channel was closed');
    }
    socket = dial(spec);
    const conversation = makeConversation(socket, limits);
    await untilConnected(socket, spec, limits.ioConnectMs);
    return conversation;
  };

  const forget = (one: Promise<Conversation>): void => {
    if (connection === one) {
      connection = undefined;
    }
  };

  const read = async (): Promise<string | null> => {
    const mine = (connection ??= open());
    try {
      const { next, finish } = await mine;
      const line = await next();
      if (line === null) {
        forget(mine);
        finish();
      }
      return line;
    } catch (error) {
      forget(mine);
      throw error;
    }
  };

  const write = async (text = ''): Promise<void> => {
    const mine = (connection ??= open());
    let isUnread = false;
    try {
      const conversation = await mine;
      await conversation.write(text).catch((error: unknown) => {
        // What came before the end can still be read, and then the end.
        isUnread = conversation.hasUnread();
        throw error;
      });
    } catch (error) {
      if (!isUnread) {
        forget(mine);
      }
      throw error;
    }
  };

  return {
    read: makeInOrder()(read),
    write: makeInOrder()(write),
    close: async () => {
      closed = true;
      socket?.destroy();
    },
  };
};

const dial = ({ host, port, tls = false }: Network): Socket => {
  const options = { host, port, allowHalfOpen: true };
  return tls
    ? connectTls({ ...options, ...(isIP(host) ? {} : { servername: host }) })
    : connect(options);
};

const untilConnected = async (
  socket: Socket,
  { host, port, tls = false }: Network,
  deadlineMs: number,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const where = `${host}:${port}`;
    const timer = setTimeout(() => {
      refuse(`${where} did not answer within ${deadlineMs / 1000} s`);
    }, deadlineMs);
    const refuse = (problem: string): void => {
      clearTimeout(timer);
      reject(Error(problem));
      socket.destroy();
    };
    socket.once('error', ({ message }) =>
      refuse(`${where} cannot be reached: ${message}`),
    );
    socket.once('close', () => refuse(`${where} closed the connection`));
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      resolve();
    });
  });
