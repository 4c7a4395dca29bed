/** The way out of one connection: few writes for many answers, and a cap on what lies unread. */
import type { Socket } from 'node:net';
import type { LimitValues, Logger } from '@ocap/kernel-utils';

type Options = Readonly<{
  socket: Socket;
  logger: Logger;
  limits: LimitValues;
  /** After something was written that the client has not read at once. */
  onUnread(): void;
  /** After all that was added has been handed to the socket. */
  onFlushed(): void;
  /** After the client has taken something. */
  onTaken(): void;
}>;

export type AnswerWriter = Readonly<{
  add(line: string): void;
  /** Also with nothing added: whoever has to be told `onFlushed` is. */
  flushSoon(): void;
  /** What the client has not read yet is lost, and so is the client. */
  drop(): void;
}>;

export const makeAnswerWriter = ({
  socket,
  logger,
  limits,
  onUnread,
  onFlushed,
  onTaken,
}: Options): AnswerWriter => {
  let output: string[] = [];
  let flushing = false;

  const flush = (): void => {
    flushing = false;
    if (socket.destroyed) return;
    if (output.length > 0) {
      // Bytes and not text, so that the stream counts what it holds in bytes.
      socket.write(Buffer.from(output.join('')), onTaken);
      output = [];
      const unreadBytes = socket.writableLength;
      if (unreadBytes > limits.unreadOutputBytes) drop();
      else if (unreadBytes > 0) onUnread();
      if (socket.destroyed) return;
    }
    onFlushed();
  };

  const drop = (): void => {
    const unreadBytes = socket.writableLength;
    logger.warn('A client that does not read was disconnected.', {
      unreadBytes,
    });
    socket.destroy();
  };

  // The kernel releases many answers at one commit. They get ready in one turn
  // of the promise queue, and this runs after it: one write for all of them.
  const flushSoon = (): void => {
    if (flushing) return;
    flushing = true;
    process.nextTick(flush);
  };

  return {
    add: (line) => {
      output.push(`${line}\n`);
      flushSoon();
    },
    flushSoon,
    drop,
  };
};
