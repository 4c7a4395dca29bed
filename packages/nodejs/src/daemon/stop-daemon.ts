/**
 * Stops the daemon of a home, whatever state it is in: asked by RPC, then by
 * SIGTERM, then by SIGKILL. Each step is only taken against the very process
 * that wrote the pid file, and believed only when that process is gone.
 */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { makeClient, PING_TIMEOUT_MS } from '../client/make-client.ts';
import { acquireLock, isLocked } from './lock.ts';
import { pathsOf, resolveHome, type HomePaths } from './paths.ts';
import { findDaemon, isAlive, removePidFile } from './pid-file.ts';

const POLL_MS = 10;

/** What ended it, or what was last tried. */
export type StopStage = 'not-running' | 'rpc' | 'sigterm' | 'sigkill';

export type StopResult = Readonly<{
  /** Whether no daemon runs any more. Who deletes files must look at this. */
  stopped: boolean;
  stage: StopStage;
  pid?: number;
}>;

type Options = Readonly<{
  home?: string | undefined;
  /** How long a daemon that answers has for a clean stop. */
  graceMs?: number;
  /** How long it has after each signal. */
  signalMs?: number;
  pingTimeoutMs?: number;
  kill?: (pid: number, signal: NodeJS.Signals) => void;
}>;

export const stopDaemon = async ({
  home,
  graceMs = 10_000,
  signalMs = 5_000,
  pingTimeoutMs = PING_TIMEOUT_MS,
  kill = process.kill,
}: Options = {}): Promise<StopResult> => {
  const paths = pathsOf(resolveHome(home));
  const daemon = findDaemon(paths);
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
    if (await goneWithin(graceMs)) {
      return { stopped: true, stage: 'rpc', ...known };
    }
  }
  if (daemon === undefined) return { stopped: false, stage: 'rpc' };
  let stage: StopStage = 'rpc';
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    stage = signal === 'SIGTERM' ? 'sigterm' : 'sigkill';
    trySignal(() => isAlive(daemon) && kill(daemon.pid, signal));
    if (await goneWithin(signalMs)) return { stopped: true, stage, ...known };
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
    // It may be gone before its answer is here; only its end counts.
    await client.call('shutdown').catch(() => undefined);
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
const removeRemains = async (paths: HomePaths): Promise<void> => {
  const lock = await acquireLock(paths.lockPath).catch(() => undefined);
  if (lock === undefined) return;
  removePidFile(paths);
  rmSync(paths.socketPath, { force: true });
  lock.release();
};
