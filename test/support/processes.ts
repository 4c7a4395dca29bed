/**
 * Whether a process is there, and the wait until it is not: what tests and the
 * demo need in order to leave nothing running behind them.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What follows the name in `/proc/<pid>/stat`: the state, the parent and so
 * on. `undefined` without a /proc (macOS), or once the process is gone, which
 * it may be between any two looks.
 */
const readStat = (pid: number): readonly string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};

/** A killed process that nobody has reaped yet still has a pid, but it runs no more. */
const isZombie = (pid: number): boolean => readStat(pid)?.[0] === 'Z';

/** The pid of its parent; `undefined` once the process is gone. */
export const parentOf = (pid: number): number | undefined => {
  const parent = readStat(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
};

/** Sends the signal; `false` if there was no such process any more. */
export const sendSignal = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
};

/** Resolves when the process is gone; rejects if it is still there after `deadlineMs`. */
export const gone = async (pid: number, deadlineMs = 10_000): Promise<void> => {
  const deadline = Date.now() + deadlineMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw new Error(`Process ${pid} still runs after ${deadlineMs} ms.`);
    }
    await delay(5);
  }
};
