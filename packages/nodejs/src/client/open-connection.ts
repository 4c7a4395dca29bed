/** One connection to a daemon: responses and events in, lines out, and one report of its end. */
import { Socket } from 'node:net';
import { limits, makeLineDecoder, type DecodedLines } from '@ocap/kernel-utils';
import { DaemonError, systemCodeOf } from './errors.ts';
import { insistOwnSocket } from './own-socket.ts';
import {
  parseMessage,
  type RpcNotification,
  type RpcResponse,
} from './response.ts';

export type Ending = Readonly<{
  /** What to tell whoever still waits for an answer. */
  errorFor(method: string): DaemonError;
  /** Whether the same requests may be sent once more: surely none was answered (P-29). */
  mayRetry: boolean;
}>;

export type ConnectionOptions = Readonly<{
  socketPath: string;
  onResponse(response: RpcResponse): void;
  onNotification(notification: RpcNotification): void;
  /** Once, at the end, unless it was `close` that ended it. */
  onEnd(ending: Ending): void;
}>;

// A connection that is reset while we still write to it tells us EPIPE.
const retryable = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

export type Connection = Readonly<{
  send(line: string): void;
  /** Whether this connection keeps the program running. */
  hold(keep: boolean): void;
  close(): void;
}>;

export const openConnection = ({
  socketPath,
  onResponse,
  onNotification,
  onEnd,
}: ConnectionOptions): Connection => {
  const decoder = makeLineDecoder({
    maxLineBytes: limits.unreadOutputBytes.value,
  });
  const socket = new Socket();
  let connected = false;
  let answered = false;
  let closed = false;
  let failure: Error | undefined;

  const receive = ({ lines, problem }: DecodedLines): void => {
    for (const line of lines) {
      const message = parseMessage(line);
      if ('method' in message) {
        onNotification(message);
      } else {
        answered = true;
        onResponse(message);
      }
    }
    if (problem !== undefined) {
      throw new DaemonError('INVALID_RESPONSE', { problem });
    }
  };

  const errorFor = (method: string): DaemonError => {
    if (failure instanceof DaemonError) return failure;
    const options = { cause: failure };
    if (connected)
      return new DaemonError('CONNECTION_LOST', { method }, options);
    const problem = systemCodeOf(failure);
    const absent = problem === 'ENOENT' || problem === 'ECONNREFUSED';
    const code = absent ? problem : 'UNREACHABLE';
    return new DaemonError(code, { socketPath, problem }, options);
  };

  socket.on('connect', () => {
    connected = true;
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      receive(decoder.push(chunk));
    } catch (thrown) {
      socket.destroy(thrown as DaemonError);
    }
  });
  socket.on('error', (error) => {
    failure ??= error;
  });
  socket.on('close', () => {
    if (closed) return;
    const code = systemCodeOf(failure) ?? '';
    onEnd({ errorFor, mayRetry: retryable.has(code) && !answered });
  });
  try {
    insistOwnSocket(socketPath);
    socket.connect(socketPath);
  } catch (thrown) {
    socket.destroy(thrown as DaemonError);
  }

  return {
    send: (line) => void socket.write(line),
    hold: (keep) => void (keep ? socket.ref() : socket.unref()),
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
};
