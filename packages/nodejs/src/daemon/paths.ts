/** Every file of a home, named in one place. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DaemonError } from '../client/errors.ts';

// sun_path of the operating system, less the zero that ends it.
const MAX_SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/** The files by which one process is found, talked to and stopped. */
export type ProcessPaths = Readonly<{
  home: string;
  socketPath: string;
  /** Only the pid, so that `kill -0 $(cat daemon.pid)` works. */
  pidPath: string;
  /** Which process that pid meant: see pid-file.ts. */
  startPath: string;
  lockPath: string;
  logPath: string;
}>;

export type HomePaths = ProcessPaths &
  Readonly<{
    databasePath: string;
    /** Who it is to others: see ../identity. */
    identityPath: string;
    /** What the operator declares; never written by the daemon. */
    configPath: string;
  }>;

/** The folder of one daemon: `wanted`, else `$OCAP_HOME`, else `~/.ocap`. */
export const resolveHome = (
  wanted?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string => resolve(wanted || env['OCAP_HOME'] || join(homedir(), '.ocap'));

/** @throws HOME_TOO_DEEP if no socket can be made there */
export const pathsOf = (home: string): HomePaths => ({
  ...processPathsOf(home, 'daemon'),
  databasePath: join(home, 'kernel.sqlite'),
  identityPath: join(home, 'identity.key'),
  configPath: join(home, 'config.json'),
});

/** @throws HOME_TOO_DEEP if no socket can be made there */
export const processPathsOf = (
  home: string,
  program: 'daemon' | 'relay',
): ProcessPaths => {
  const socketPath = join(home, `${program}.sock`);
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
    pidPath: join(home, `${program}.pid`),
    startPath: join(home, `${program}.start`),
    lockPath: join(home, `${program}.lock`),
    logPath: join(home, `${program}.log`),
  };
};
