/**
 * A relay in the foreground: a process that is started by this one and ends
 * with it, for supervisors and containers.
 */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { childProcess } from '../child-process.ts';
import { DaemonError } from '../client/errors.ts';
import {
  compileCacheOf,
  findEntry,
  readReadiness,
} from '../daemon/ensure-daemon.ts';
import { preparePrivateFolder } from '../daemon/private-folder.ts';
import { findRelayPaths } from './relay-control.ts';
import type { RelaySettings } from './relay-settings.ts';

type Options = Readonly<{
  home?: string | undefined;
  settings?: RelaySettings;
  timeoutMs?: number;
  entry?: string;
}>;

export type AttachedRelay = Readonly<{
  pid: number;
  /** Asks it to end; may be called again. */
  stop(): void;
  /** Its exit code; 1 if a signal has ended it. */
  ended: Promise<number>;
}>;

/**
 * Resolves when the relay is ready.
 * @throws ALREADY_RUNNING, START_FAILED, START_TIMEOUT
 */
export const attachRelay = async ({
  home,
  settings = {},
  timeoutMs = 30_000,
  entry = findEntry('relay'),
}: Options = {}): Promise<AttachedRelay> => {
  const paths = findRelayPaths({ home });
  preparePrivateFolder(paths.home);
  const own = ['--home', paths.home, '--ready-fd', '3', '--ends-with-stdin'];
  const child = childProcess().spawn(
    process.execPath,
    [entry, ...own, '--settings', JSON.stringify(settings)],
    {
      cwd: paths.home,
      env: { ...compileCacheOf(entry), ...process.env },
      stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
    },
  );
  const ended = once(child, 'exit').then(([code]) =>
    typeof code === 'number' ? code : 1,
  );
  const end = Date.now() + timeoutMs;
  const said = await readReadiness(child.stdio[3] as Readable, end);
  if (said !== undefined && 'ready' in said) {
    const stop = (): void => void child.kill('SIGTERM');
    return { pid: said.pid, stop, ended };
  }
  child.kill('SIGKILL');
  await ended;
  const about = { program: 'relay', home: paths.home, log: paths.logPath };
  if (said === undefined) {
    const seconds = timeoutMs / 1000;
    throw new DaemonError('START_TIMEOUT', { ...about, seconds });
  }
  if ('already' in said) {
    throw new DaemonError('ALREADY_RUNNING', { ...about, pid: said.pid });
  }
  const problem = said.problem.replace(/\.$/u, '');
  throw new DaemonError('START_FAILED', { ...about, problem });
};
