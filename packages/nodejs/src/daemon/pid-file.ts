/**
 * Which process is the daemon. A pid alone may have been given to a stranger
 * since (P-47), so `daemon.start` keeps beside it when that process began, as
 * the operating system tells it, and nothing is signalled unless both agree.
 */
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { childProcess } from '../child-process.ts';
import type { ProcessPaths } from './paths.ts';

/** One very process: no other will ever have both. */
export type ProcessIdentity = Readonly<{ pid: number; startedAt: string }>;

type PidPaths = Pick<ProcessPaths, 'pidPath' | 'startPath'>;

/** The start of a live process; `undefined` if there is none, or only its remains. */
const startOf = (pid: number): string | undefined =>
  process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);

const startOnLinux = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything; the fields after it are numbers.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    // Field 22 counts from boot, so it needs to be said which boot.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
};

const startByPs = (pid: number): string | undefined => {
  try {
    const options = { encoding: 'utf8', env: { LC_ALL: 'C' } } as const;
    const line = childProcess()
      .execFileSync(
        '/bin/ps',
        ['-o', 'state=,lstart=', '-p', String(pid)],
        options,
      )
      .trim();
    const [state, ...start] = line.split(/\s+/u);
    return state === undefined || state.startsWith('Z')
      ? undefined
      : start.join(' ');
  } catch {
    return undefined;
  }
};

export const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean =>
  startOf(pid) === startedAt;

/** Whether it was stopped in its tracks, so that it does nothing that it is told. */
export const isFrozen = ({ pid }: ProcessIdentity): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[Tt]/u.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false; // Not told here, or gone.
  }
};

const writeWhole = (path: string, text: string): void => {
  const next = `${path}.${process.pid}`;
  try {
    writeFileSync(next, text, { mode: 0o600 });
    renameSync(next, path);
  } catch (thrown) {
    // A disk that is full has room for a name: of each start, one would stay.
    rmSync(next, { force: true });
    throw thrown;
  }
};

/** Says that this process is the daemon. Only for who has the lock. */
export const writePidFile = (paths: PidPaths): void => {
  const identity = { pid: process.pid, startedAt: startOf(process.pid) };
  writeWhole(paths.startPath, `${JSON.stringify(identity)}\n`);
  writeWhole(paths.pidPath, `${process.pid}\n`);
};

export const removePidFile = (paths: PidPaths): void => {
  rmSync(paths.pidPath, { force: true });
  rmSync(paths.startPath, { force: true });
};

/** What the files say, whether or not it is still so. */
const readPidFile = (paths: PidPaths): ProcessIdentity | undefined => {
  try {
    const pid = Number(readFileSync(paths.pidPath, 'utf8').trim());
    const identity: unknown = JSON.parse(readFileSync(paths.startPath, 'utf8'));
    if (typeof identity !== 'object' || identity === null) return undefined;
    if (!('pid' in identity && 'startedAt' in identity)) return undefined;
    const { startedAt } = identity;
    return identity.pid === pid && typeof startedAt === 'string'
      ? { pid, startedAt }
      : undefined;
  } catch {
    // No files, or half of them: then nobody is known.
    return undefined;
  }
};

/** The live process that these files mean, if it is certain. */
export const findDaemon = (paths: PidPaths): ProcessIdentity | undefined => {
  const identity = readPidFile(paths);
  return identity !== undefined && isAlive(identity) ? identity : undefined;
};

/**
 * The same for who is going to send it signals: it must also have the lock open,
 * where the system tells. Whatever the files say, no other process has.
 */
export const findLockHolder = (
  paths: PidPaths & Pick<ProcessPaths, 'lockPath'>,
): ProcessIdentity | undefined => {
  const daemon = findDaemon(paths);
  return daemon !== undefined && hasOpen(daemon.pid, paths.lockPath)
    ? daemon
    : undefined;
};

const hasOpen = (pid: number, path: string): boolean => {
  if (process.platform !== 'linux') return true;
  try {
    const real = join(realpathSync(dirname(path)), basename(path));
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => {
      const file = linkOf(join(folder, fd));
      return file === real || file === `${real} (deleted)`;
    });
  } catch {
    // Of another user, or gone: in either case not to be signalled by us.
    return false;
  }
};

const linkOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // It was closed since.
  }
};
