/**
 * Whether a process is there, and the wait until it is not: what tests and the
 * demo need in order to leave nothing running behind them.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A killed process that nobody has reaped yet still has a pid, but it runs no more. */
const isZombie = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    // No /proc here (macOS), or the process went away just now.
    return false;
  }
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
