/**
 * One client of the socket: lines in, answers out as they get ready, events as
 * they happen, and the caps that keep one client from harming the others.
 */
import type { Socket } from 'node:net';
import { refusal, type Rpc } from '@ocap/kernel/rpc';
import {
  makeLineDecoder,
  type DecodedLines,
  type LimitValues,
  type LineProblem,
  type Logger,
} from '@ocap/kernel-utils';
import { makeAnswerWriter } from './answer-writer.ts';

// How long a client that was refused, or that is left at shutdown, has to read
// what was written to it.
const LINGER_MS = 1_000;

export type RpcConnection = Readonly<{
  /** Closes once everything in flight is answered and read, or soon anyway. */
  finish(): void;
  /** What was written and not read yet; none once it is closed. */
  unreadBytes(): number;
  /** Closes at once, for the sake of the others. */
  dropUnread(): void;
}>;

type Options = Readonly<{
  socket: Socket;
  rpc: Rpc;
  logger: Logger;
  limits: LimitValues;
  /** It has been told more than it reads. */
  onUnread(): void;
}>;

const refusals: Readonly<Record<LineProblem, (limits: LimitValues) => string>> =
  {
    'too long': ({ lineBytes }) =>
      refusal(
        'invalidRequest',
        `Invalid request: the line is longer than ${lineBytes} bytes`,
      ),
    'not UTF-8': () => refusal('parse', 'Parse error: the line is not UTF-8'),
  };

export const serveConnection = ({
  socket,
  rpc,
  logger,
  limits,
  onUnread,
}: Options): RpcConnection => {
  const decoder = makeLineDecoder({ maxLineBytes: limits.lineBytes });
  let waiting: string[] = [];
  let inFlight = 0;
  // `reading`: takes requests. `ending`: answers what it took, then says goodbye.
  let state: 'reading' | 'ending' = 'reading';

  const out = makeAnswerWriter({
    socket,
    logger,
    limits,
    onUnread,
    onFlushed: () => {
      const done = inFlight === 0 && waiting.length === 0;
      if (state === 'ending' && done) {
        session.close();
        socket.end();
      }
    },
  });
  // A Unix socket in a folder that only the owner can enter.
  const session = rpc.connect(out.add, { facet: 'owner' });

  const answer = async (line: string): Promise<void> => {
    inFlight += 1;
    await session.handleLine(line);
    inFlight -= 1;
    out.flushSoon();
    pump();
  };

  const pump = (): void => {
    const room = limits.requestsInFlight - inFlight;
    if (waiting.length > 0 && room > 0) {
      const next = waiting.splice(0, room);
      for (const line of next) void answer(line);
    }
    if (state !== 'reading' || socket.destroyed) return;
    if (inFlight >= limits.requestsInFlight) socket.pause();
    else if (socket.isPaused()) socket.resume();
  };

  const linger = (): void => {
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  };

  /** No more requests are taken. */
  const end = (): void => {
    if (state === 'ending') return;
    state = 'ending';
    out.flushSoon();
  };

  const receive = ({ lines, problem }: DecodedLines): void => {
    if (state !== 'reading') return;
    waiting = waiting.concat(lines);
    pump();
    if (problem === undefined) return;
    logger.warn('A client was refused.', { problem });
    out.add(refusals[problem](limits));
    end();
    // Its input is not even read: 100 MB of it would be 100 MB of garbage. But a
    // socket that is closed with input unread resets its client, so the client
    // gets a moment to read the refusal.
    socket.pause();
    linger();
  };

  socket.on('data', (chunk: Buffer) => receive(decoder.push(chunk)));
  // Half-closed (`printf … | nc -U`): it still gets its answers.
  socket.on('end', () => {
    receive(decoder.end());
    end();
  });
  socket.on('error', (err) => logger.debug('A client was lost.', { err }));
  socket.on('close', () => {
    waiting = [];
    session.close();
  });

  return {
    finish: () => {
      end();
      out.flushSoon();
      // Once all is written nobody need wait for the client's own goodbye.
      if (socket.writableFinished) socket.destroy();
      else socket.once('finish', () => socket.destroy());
      linger();
    },
    unreadBytes: () => (socket.destroyed ? 0 : socket.writableLength),
    dropUnread: out.drop,
  };
};
