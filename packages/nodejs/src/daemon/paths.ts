/** Every file of a home, named in one place. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DaemonError } from '../client/errors.ts';

// sun_path of the operating system, less the zero that ends it.
const MAX_SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

export type HomePaths = Readonly<{
  home: string;
  socketPath: string;
  /** Only the pid, so that `kill -0 $(cat daemon.pid)` works. */
  pidPath: string;
  /** Which process that pid meant: see pid-file.ts. */
  startPath: string;
  lockPath: string;
  logPath: string;
  databasePath: string;
  /** What the operator declares; never written by the daemon. */
  configPath: string;
}>;

/** The folder of one daemon: `wanted`, else `$OCAP_HOME`, else `~/.ocap`. */
export const resolveHome = (
  wanted?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string => resolve(wanted || env['OCAP_HOME'] || join(homedir(), '.ocap'));

/** @throws HOME_TOO_DEEP if no socket can be made there */
export const pathsOf = (home: string): HomePaths => {
  const socketPath = join(home, 'daemon.sock');
  const bytes = Buffer.byteLength(socketPath);
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw new DaemonError('HOME_TOO_DEEP', {
      path: socketPath,
      bytes,
      max: MAX_SOCKET_PATH_BYTES,
    });
  }
  return {
    home,
    socketPath,
    pidPath: join(home, 'daemon.pid'),
    startPath: join(home, 'daemon.start'),
    lockPath: join(home, 'daemon.lock'),
    logPath: join(home, 'daemon.log'),
    databasePath: join(home, 'kernel.sqlite'),
    configPath: join(home, 'config.json'),
  };
};
