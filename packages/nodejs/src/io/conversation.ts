/**
 * One connection, as lines: those that have come and were not read yet, up to a
 * bound beyond which nothing more is taken from the other side, and text that is
 * written when the other side has room for it.
 */
import type { Socket } from 'node:net';
import {
  makeLineDecoder,
  type DecodedLines,
  type LimitValues,
} from '@ocap/kernel-utils';
import { lineProblem, withLineEnd, withoutReturn } from './lines.ts';

export type Conversation = Readonly<{
  /** The next line; null once the other side has said all. Rejects once the connection has failed. One at a time. */
  next(): Promise<string | null>;
  /** Whether there are lines that `next` would answer at once. */
  hasUnread(): boolean;
  /** Resolves when the operating system has taken it; rejects if the other side is gone. */
  write(text: string): Promise<void>;
  /** Says no more. What was written still goes out. */
  finish(): void;
}>;

/** Takes over the socket, which need not be connected yet. */
export const makeConversation = (
  socket: Socket,
  {
    ioLineBytes: maxLineBytes,
    ioUnreadBytes,
  }: Pick<LimitValues, 'ioLineBytes' | 'ioUnreadBytes'>,
): Conversation => {
  const decoder = makeLineDecoder({ maxLineBytes });
  // Each chunk's lines, last one first: taking from the front of a long list is slow.
  const chunks: string[][] = [];
  let unreadBytes = 0;
  /** Set when nothing more will come. */
  let end: Readonly<{ problem?: Error }> | undefined;
  let wake = (): void => undefined;

  const finishWith = (problem?: Error): void => {
    end ??= problem === undefined ? {} : { problem };
    wake();
  };

  const take = ({ lines, problem }: DecodedLines): void => {
    if (lines.length > 0) {
      chunks.push(lines.toReversed());
      unreadBytes += lines.reduce((sum, line) => sum + bytesOf(line), 0);
      wake();
    }
    if (problem !== undefined) {
      finishWith(lineProblem(problem, maxLineBytes));
      socket.destroy();
    }
  };

  socket.on('data', (chunk: Buffer) => {
    take(decoder.push(chunk));
    if (unreadBytes >= ioUnreadBytes) {
      socket.pause();
    }
  });
  socket.on('end', () => {
    take(decoder.end());
    finishWith();
  });
  socket.on('error', (error) => finishWith(error));
  socket.on('close', () => finishWith(Error('the connection was closed')));

  const shift = (): string | undefined => {
    const line = chunks[0]?.pop();
    if (chunks[0]?.length === 0) {
      chunks.shift();
    }
    if (line !== undefined) {
      unreadBytes -= bytesOf(line);
      if (unreadBytes < ioUnreadBytes) {
        socket.resume();
      }
    }
    return line;
  };

  return {
    next: async () => {
      for (;;) {
        const line = shift();
        if (line !== undefined) {
          return withoutReturn(line);
        }
        if (end?.problem !== undefined) {
          throw end.problem;
        }
        if (end !== undefined) {
          return null;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    hasUnread: () => chunks.length > 0,
    write: async (text) =>
      new Promise((resolve, reject) => {
        socket.write(withLineEnd(text), (error) => {
          if (error) {
            reject(Error('the other side has left', { cause: error }));
          } else {
            resolve();
          }
        });
      }),
    finish: () => {
      socket.end();
    },
  };
};

/** With its end, so that empty lines count. */
const bytesOf = (line: string): number => Buffer.byteLength(line) + 1;
