/**
 * Stops the daemon of a home, whatever state it is in: asked by RPC, then by
 * SIGTERM, then by SIGKILL, within ten seconds. Each step is only taken against
 * the very process that wrote the pid file and has the lock, and believed only
 * when that process is gone.
 */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { makeClient, PING_TIMEOUT_MS } from '../client/make-client.ts';
import { acquireLock, isLocked } from './lock.ts';
import { pathsOf, resolveHome, type ProcessPaths } from './paths.ts';
import {
  findLockHolder,
  isAlive,
  isFrozen,
  removePidFile,
} from './pid-file.ts';

const POLL_MS = 10;
/** It may be gone before its answer is here. */
const SHUTDOWN_ANSWER_MS = 1_000;

/** What ended it, or what was last tried. */
export type StopStage = 'not-running' | 'rpc' | 'sigterm' | 'sigkill';

export type StopResult = Readonly<{
  /** Whether no daemon runs any more. Who deletes files must look at this. */
  stopped: boolean;
  stage: StopStage;
  pid?: number;
}>;

type StopOptions = Readonly<{
  /** How long a daemon that answers has for a clean stop. */
  graceMs?: number;
  /** How long it has after each signal. */
  signalMs?: number;
  /** After so long it is killed, however far it has got: that loses nothing. */
  killAfterMs?: number;
  pingTimeoutMs?: number;
  kill?: (pid: number, signal: NodeJS.Signals) => void;
}>;

export const stopDaemon = async ({
  home,
  ...options
}: StopOptions &
  Readonly<{ home?: string | undefined }> = {}): Promise<StopResult> =>
  stopProcess(pathsOf(resolveHome(home)), options);

/** The same for any program with a home like the daemon's, and its `ping` and `shutdown`. */
export const stopProcess = async (
  paths: ProcessPaths,
  {
    graceMs = 4_000,
    signalMs = 3_000,
    killAfterMs = 8_000,
    pingTimeoutMs = PING_TIMEOUT_MS,
    kill = process.kill,
  }: StopOptions = {},
): Promise<StopResult> => {
  const killAt = Date.now() + killAfterMs;
  const upTo = (ms: number): number => Math.min(ms, killAt - Date.now());
  const daemon = findLockHolder(paths);
  if (daemon === undefined && !(await isLocked(paths.lockPath))) {
    await removeRemains(paths);
    return { stopped: true, stage: 'not-running' };
  }
  const known = daemon === undefined ? {} : { pid: daemon.pid };
  // Without a pid file (somebody removed it) the lock tells when it is gone.
  const isGone = async (): Promise<boolean> =>
    daemon === undefined ? !(await isLocked(paths.lockPath)) : !isAlive(daemon);

  const goneWithin = async (ms: number): Promise<boolean> => {
    for (const end = Date.now() + ms; !(await isGone());) {
      if (Date.now() > end) return false;
      await delay(POLL_MS);
    }
    await removeRemains(paths);
    return true;
  };

  if (await asksToStop(paths.socketPath, pingTimeoutMs)) {
    if (await goneWithin(upTo(graceMs))) {
      return { stopped: true, stage: 'rpc', ...known };
    }
  }
  if (daemon === undefined) return { stopped: false, stage: 'rpc' };
  let stage: StopStage = 'rpc';
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    stage = signal === 'SIGTERM' ? 'sigterm' : 'sigkill';
    trySignal(() => isAlive(daemon) && kill(daemon.pid, signal));
    const isLast = signal === 'SIGKILL';
    const patience = isFrozen(daemon) ? 0 : upTo(signalMs);
    if (await goneWithin(isLast ? signalMs : patience))
      return { stopped: true, stage, ...known };
  }
  return { stopped: false, stage, ...known };
};

/** Whether a daemon answered, and was asked to stop. One that is stuck does not. */
const asksToStop = async (
  socketPath: string,
  timeoutMs: number,
): Promise<boolean> => {
  const client = makeClient({ socketPath, timeoutMs });
  try {
    await client.call('ping');
    // Whether it says so does not matter; only its end counts.
    const options = { timeoutMs: Math.min(timeoutMs, SHUTDOWN_ANSWER_MS) };
    await client.call('shutdown', [], options).catch(() => undefined);
    return true;
  } catch {
    // Absent, stuck or not a daemon: for all of them there are signals.
    return false;
  } finally {
    client.close();
  }
};

const trySignal = (send: () => unknown): void => {
  try {
    send();
  } catch {
    // It ended in between, or is not ours to signal: whether it is gone shows.
  }
};

/** After a kill its files are still there. Removed under the lock, or they are a new daemon's. */
const removeRemains = async (paths: ProcessPaths): Promise<void> => {
  const lock = await acquireLock(paths.lockPath).catch(() => undefined);
  if (lock === undefined) return;
  removePidFile(paths);
  rmSync(paths.socketPath, { force: true });
  lock.release();
};
