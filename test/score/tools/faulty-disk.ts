/**
 * A disk under a daemon that fails when it is told to, and writes down what
 * reaches it: `native/disk.c`, compiled here, between the process and its files.
 */
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** In the order in which `native/disk.c` has them, after 0 for none. */
export const faults = [
  'EIO at a write',
  'ENOSPC at a write',
  'a short write',
  'a short write, then ENOSPC',
  'EIO at a sync',
  'EIO at a read',
] as const;
export type Fault = (typeof faults)[number];
const BUDGET = faults.length + 1;

export type FaultPlace = Readonly<{
  /** The name of the only file that is meant; by default all of the home are. */
  only?: string;
  /** Whether the daemon finds that there is little room on the disk. */
  isSmall?: boolean;
}>;

export type FaultyDisk = Readonly<{
  /** Environment variables for the daemon. */
  env: Readonly<Record<string, string>>;
  /** Where it is written down what reaches the disk. */
  logPath: string;
  /** The n-th call of the kind from now on fails, from 1. */
  failAt(fault: Fault, nth: number, where?: FaultPlace): void;
  /** From now on so many bytes can be written. */
  allowBytes(count: number): void;
  /** From now on the daemon finds that there is little room; nothing fails. */
  pretendSmall(): void;
  mend(): void;
  /** What has failed since it was last told to. */
  found(): Readonly<{ calls: number; hits: number; hit: string }>;
  close(): void;
}>;

const source = fileURLToPath(new URL('../native/disk.c', import.meta.url));
/** As `struct control`. */
const CONTROL_BYTES = 256;
const HIT_AT = 32;
const ONLY_AT = 192;

export const openFaultyDisk = (
  options: Readonly<{ isLogged?: boolean }> = {},
): FaultyDisk => {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  const library = join(folder, 'disk.so');
  compile(library);
  const controlPath = join(folder, 'control');
  const logPath = join(folder, 'log');
  const fd = openSync(controlPath, 'w+', 0o600);
  const control = Buffer.alloc(CONTROL_BYTES);
  const set = (
    mode: number,
    { nth = 0, budget = 0, only = '', isSmall = false } = {},
  ): void => {
    control.fill(0);
    control.writeUInt32LE(mode, 0);
    control.writeUInt32LE(nth, 4);
    control.writeUInt32LE(isSmall ? 1 : 0, 20);
    control.write(only, ONLY_AT);
    control.writeBigInt64LE(BigInt(budget), 24);
    writeSync(fd, control, 0, CONTROL_BYTES, 0);
  };
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      SCORE_DISK_CONTROL: controlPath,
      ...(options.isLogged === true && { SCORE_DISK_LOG: logPath }),
    },
    logPath,
    failAt: (fault, nth, where = {}) =>
      set(faults.indexOf(fault) + 1, { nth, ...where }),
    allowBytes: (budget) => set(BUDGET, { budget }),
    pretendSmall: () => set(0, { isSmall: true }),
    mend: () => set(0),
    found: () => {
      readSync(fd, control, 0, CONTROL_BYTES, 0);
      return {
        calls: control.readUInt32LE(12),
        hits: control.readUInt32LE(16),
        hit: control.toString('utf8', HIT_AT, ONLY_AT).replace(/\0.*$/su, ''),
      };
    },
    close: () => {
      closeSync(fd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const compile = (library: string): void => {
  const options = ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'];
  const { status, stderr, error } = spawnSync('cc', [...options, '-lpthread'], {
    encoding: 'utf8',
  });
  if (error !== undefined) {
    throw Error('this check needs a C compiler, by the name of `cc`');
  }
  if (status !== 0) throw Error(`native/disk.c cannot be compiled: ${stderr}`);
};
