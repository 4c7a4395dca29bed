/** What may lie in a home in which no daemon runs. Each row is put there after `kill -9`. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Home } from '../../support/home.ts';
import type { Stranger } from './stranger.ts';

type Scene = Readonly<{
  home: Home;
  stranger: Stranger;
  /** Listens at this path until the row is over. */
  impostor(path: string, answer?: string): Promise<void>;
}>;

export type StaleState = Readonly<{
  name: string;
  arrange(scene: Scene): Promise<unknown>;
}>;

const put = (
  name: string,
  file: string,
  bytes: string | Uint8Array,
): StaleState => ({
  name,
  arrange: async ({ home }) => {
    const path = join(home.dir, file);
    rmSync(path, { force: true });
    writeFileSync(path, bytes);
  },
});

const garbage = (): Buffer => randomBytes(5000);

export const staleStates: readonly StaleState[] = [
  { name: 'what kill -9 leaves', arrange: async () => undefined },
  {
    name: 'what kill -9 leaves while a daemon starts',
    arrange: async ({ home }) => {
      let over = false;
      const starting = home.ocap(['daemon', 'start']).finally(() => {
        over = true;
      });
      while (home.daemonPid() === undefined && !over) await delay(2);
      await home.killDaemon();
      // It says that it did not start, or has started another.
      await starting;
      await home.killDaemon();
    },
  },
  {
    name: 'the pid of a stranger',
    arrange: async ({ home, stranger }) =>
      writeFileSync(join(home.dir, 'daemon.pid'), `${stranger.pid}\n`),
  },
  {
    name: 'the pid of a stranger with the time of its start',
    arrange: async ({ home, stranger }) => stranger.sign(home.dir),
  },
  put('garbage for a pid', 'daemon.pid', garbage()),
  put('-1 for a pid', 'daemon.pid', '-1\n'),
  put('garbage for a start', 'daemon.start', garbage()),
  put('a start without a pid', 'daemon.start', '{"startedAt":"x"}'),
  put('garbage for a lock', 'daemon.lock', garbage()),
  put('garbage for a socket', 'daemon.sock', garbage()),
  put('garbage for notes of SQLite', 'kernel.sqlite-shm', garbage()),
  {
    name: 'a link to nowhere for a socket',
    arrange: async ({ home }) => {
      rmSync(home.socketPath, { force: true });
      symlinkSync('/nowhere/daemon.sock', home.socketPath);
    },
  },
  {
    name: 'a socket at which a stranger listens and says nothing',
    arrange: async ({ home, impostor }) => impostor(home.socketPath),
  },
  {
    name: 'a socket at which a stranger answers nonsense',
    arrange: async ({ home, impostor }) =>
      impostor(home.socketPath, 'HTTP/1.1 400 Bad Request\r\n\r\n'),
  },
  {
    name: 'a link to the socket of a stranger',
    arrange: async ({ home, impostor }) => {
      const path = join(home.dir, 'other.sock');
      await impostor(path);
      rmSync(home.socketPath, { force: true });
      symlinkSync(path, home.socketPath);
    },
  },
];

/** Somebody else's server at this path. */
export const listenAt = async (
  path: string,
  answer?: string,
): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (answer !== undefined) socket.on('data', () => socket.write(answer));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(`${path}.new`, resolve);
  });
  // A server deletes the name under which it was made when it ends: not this one,
  // which may be another's by then.
  renameSync(`${path}.new`, path);
  return server;
};
