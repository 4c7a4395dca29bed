/** A connection to a socket of a daemon for bytes that nobody has checked. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Long enough for a machine that is busy with other things. */
const PATIENCE_MS = 10_000;
const NEWLINE = 10;

export type Wire = Readonly<{
  socket: Socket;
  say(bytes: string | Uint8Array): void;
  /** The next line that comes, or why none does. */
  hear(): Promise<string>;
  /** Resolves when the other side has closed it, or after a while. */
  ended(): Promise<boolean>;
  close(): void;
}>;

export const CLOSED = 'it was closed';
export const SILENT = 'nothing came';

export const openWire = async (socketPath: string): Promise<Wire> => {
  const socket = connect(socketPath);
  const lines: string[] = [];
  let held: Buffer[] = [];
  let isClosed = false;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      held.push(chunk.subarray(start, end));
      lines.push(Buffer.concat(held).toString());
      held = [];
      start = end + 1;
    }
    held.push(chunk.subarray(start));
    wake();
  });
  // Who is refused may still be writing; that it was closed says everything.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);

  /** Resolves when something has happened; `false` if nothing has for long. */
  const happened = async (): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });

  return {
    socket,
    say: (bytes) => void socket.write(bytes),
    hear: async () => {
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return line;
        if (isClosed) return CLOSED;
        if (!(await happened())) return SILENT;
      }
    },
    ended: async () => {
      while (!isClosed && (await happened()));
      return isClosed;
    },
    close: () => socket.destroy(),
  };
};

/** A request as text, without its newline. */
export const requestOf = (
  id: string | number,
  method: string,
  params: unknown = [],
): string => JSON.stringify({ jsonrpc: '2.0', id, method, params });
