/** What a table is worth without: on which machine it was made, when, and of which code. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, type as systemName } from 'node:os';
import { fileURLToPath } from 'node:url';

const GiB = 1024 ** 3;

export type Machine = Readonly<{
  processor: string;
  cores: number;
  memoryGiB: number;
  system: string;
  /** Of the folder with the daemons' homes. */
  fileSystem: string;
  node: string;
  date: string;
  /** Absent if there is none, or no git. */
  commit?: string;
  /** Load average of the last minute when the run began. */
  load: number;
  mode: 'quick' | 'full';
}>;

export const describeMachine = (
  folder: string,
  mode: Machine['mode'],
): Machine => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / GiB),
  system: systemName(),
  fileSystem: fileSystemOf(folder),
  node: process.version,
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  ...commit(),
  load: Number(loadavg()[0]?.toFixed(2) ?? 0),
  mode,
});

export const machineLine = (machine: Machine): string =>
  [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB`,
    `${machine.system}, ${machine.fileSystem}`,
    `Node ${machine.node}`,
    `${machine.date} UTC`,
    ...(machine.commit === undefined ? [] : [`commit ${machine.commit}`]),
    `load ${machine.load} at the start`,
    `${machine.mode} run`,
  ].join(' · ');

/** `ext4`, `tmpfs`, …: the type of the mount that holds the path. */
export const fileSystemOf = (path: string): string => {
  let found = { point: '', type: 'unknown file system' };
  for (const line of mounts()) {
    const [, point = '', type = ''] = line.split(' ');
    const holds =
      point === '/' || path === point || path.startsWith(`${point}/`);
    // The later of two at one place hides the earlier.
    if (holds && point.length >= found.point.length) found = { point, type };
  }
  return found.type;
};

const mounts = (): string[] => {
  try {
    return readFileSync('/proc/mounts', 'utf8').trimEnd().split('\n');
  } catch {
    return []; // a system without /proc
  }
};

const commit = (): Pick<Machine, 'commit'> => {
  const git = (...args: string[]): string =>
    // Others may be at work in this repository: take no lock in it.
    execFileSync('git', ['--no-optional-locks', ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const id = git('rev-parse', '--short', 'HEAD');
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return { commit: changed ? `${id} and changes` : id };
  } catch {
    return {};
  }
};
