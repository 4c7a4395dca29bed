/**
 * Of many commands that find no daemon at the same moment, one starts a process
 * and the others wait for it: twenty processes that boot at once take seconds.
 * It saves only that. Which process is the daemon, the lock decides.
 */
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';

export type StartTurn = Readonly<{ end(): void }>;

const free: StartTurn = { end: () => undefined };

/** `undefined` while another command has it; where systems know no such thing, everybody does. */
export const takeStartTurn = async (
  folder: string,
): Promise<StartTurn | undefined> => {
  if (process.platform !== 'linux') return free;
  // A name of Linux without a file: it goes with its process.
  const { dev, ino } = statSync(folder);
  const server = createServer((socket) => socket.destroy()).unref();
  try {
    server.listen(`\0ocap-start-${dev}-${ino}`);
    await once(server, 'listening');
    return { end: () => void server.close() };
  } catch (thrown) {
    const isTaken =
      thrown instanceof Error &&
      'code' in thrown &&
      thrown.code === 'EADDRINUSE';
    return isTaken ? undefined : free;
  }
};
