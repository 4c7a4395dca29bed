/**
 * The connection to a console vat: lines to evaluate in, what came of them out.
 * An evaluation is answered once, or twice if it is a promise.
 */
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export type Result = Readonly<{ value: string }> | Readonly<{ error: string }>;

export type TerminalSession = Readonly<{
  /** Resolves with what the line came to at last; `onPending` is told if that takes a while. */
  evaluate(text: string, onPending: () => void): Promise<Result>;
  /** Nothing if the vat does not answer soon. */
  complete(text: string): Promise<Readonly<{ words: string[]; of: string }>>;
  close(): void;
  /** Resolves when the other side has gone. */
  closed: Promise<void>;
}>;

type Message = Readonly<{ id: number }> &
  (
    | Result
    | Readonly<{ pending: true }>
    | Readonly<{ words: string[]; of: string }>
  );

const COMPLETION_MS = 1_000;

/** @throws the error of the operating system if nobody listens there */
export const openTerminalSession = async (
  socketPath: string,
): Promise<TerminalSession> => {
  const socket = await connect(socketPath);
  const waiting = new Map<number, (message: Message) => void>();
  let lastId = 0;
  const { promise: closed, resolve: onClosed } =
    Promise.withResolvers<undefined>();
  socket.on('close', () => {
    for (const [id, tell] of waiting) {
      tell({ id, error: 'the console has ended' });
    }
    waiting.clear();
    onClosed(undefined);
  });
  // The end of the connection tells everything.
  socket.on('error', () => undefined);
  createInterface({ input: socket }).on('line', (line) => {
    const message = JSON.parse(line) as Message;
    waiting.get(message.id)?.(message);
  });

  const ask = (question: object, onMessage: (message: Message) => void) => {
    const id = (lastId += 1);
    waiting.set(id, onMessage);
    socket.write(`${JSON.stringify({ id, ...question })}\n`);
    return () => waiting.delete(id);
  };

  return {
    evaluate: async (text, onPending) =>
      new Promise((resolve) => {
        const done = ask({ evaluate: text }, (message) => {
          if ('pending' in message) {
            onPending();
            return;
          }
          done();
          resolve(
            'value' in message
              ? { value: message.value }
              : { error: 'error' in message ? message.error : 'no answer' },
          );
        });
      }),
    complete: async (text) =>
      new Promise((resolve) => {
        const nothing = { words: [], of: '' };
        const timer = setTimeout(() => {
          done();
          resolve(nothing);
        }, COMPLETION_MS);
        const done = ask({ complete: text }, (message) => {
          clearTimeout(timer);
          done();
          resolve('words' in message ? message : nothing);
        });
      }),
    close: () => socket.end(),
    closed,
  };
};

const connect = async (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
