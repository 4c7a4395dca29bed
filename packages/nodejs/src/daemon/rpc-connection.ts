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
  /** For how many ms longer than it may it has made no use of its place; it gives way only if it is above 0. */
  overdueMs(): number;
  /** Closes for the sake of a new one, and says why. */
  giveWay(): void;
}>;

type Options = Readonly<{
  socket: Socket;
  rpc: Rpc;
  logger: Logger;
  limits: LimitValues;
  /** It has been told more than it reads. */
  onUnread(): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
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

const gaveWay = (ms: number): string =>
  refusal(
    'invalidRequest',
    `Invalid request: the connection was not used for more than ${ms} ms, and its place was needed`,
  );

export const serveConnection = ({
  socket,
  rpc,
  logger,
  limits,
  onUnread,
  now,
}: Options): RpcConnection => {
  const decoder = makeLineDecoder({ maxLineBytes: limits.lineBytes });
  let waiting: string[] = [];
  let inFlight = 0;
  // `reading`: takes requests. `ending`: answers what it took, then says goodbye.
  let state: 'reading' | 'ending' = 'reading';
  let hasSpoken = false;
  let usedAt = now();
  const use = (): void => {
    usedAt = now();
  };

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
    onTaken: use,
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

  const unreadBytes = (): number =>
    socket.destroyed ? 0 : socket.writableLength;

  /** How long it may be of no use when others need its place. */
  const patienceMs = (): number => {
    const isStalled = !hasSpoken || unreadBytes() > 0;
    if (isStalled) return limits.connectionStalledMs;
    const isAwaited = inFlight > 0 || session.isKept();
    return isAwaited ? Infinity : limits.connectionUnusedMs;
  };

  /** No more requests are taken. */
  const end = (): void => {
    if (state === 'ending') return;
    state = 'ending';
    out.flushSoon();
  };

  const receive = ({ lines, problem }: DecodedLines): void => {
    if (state !== 'reading') return;
    if (lines.length > 0) {
      hasSpoken = true;
      use();
    }
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
    unreadBytes,
    dropUnread: out.drop,
    overdueMs: () => now() - usedAt - patienceMs(),
    giveWay: () => {
      const text = gaveWay(patienceMs());
      // Nothing that comes now is carried out, but it is taken: who were writing
      // just now to a socket that is gone could not read why.
      state = 'ending';
      socket.resume();
      // Who does not read would not read this either, and is not waited for.
      if (unreadBytes() > 0) socket.destroy();
      else socket.end(`${text}\n`);
      linger();
    },
  };
};
