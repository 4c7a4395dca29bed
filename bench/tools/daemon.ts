/** A daemon in a home of its own, which goes with the row that it was started for. */
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ClusterConfig, KernelStatus, LaunchResult } from '@ocap/kernel';
import {
  ensureDaemon,
  findDaemon,
  makeClient,
  pathsOf,
  type Client,
} from '@ocap/nodejs/client';
import {
  childrenOf,
  memoryOf,
  processorMsOf,
  runNode,
  until,
  untilGone,
  type Ended,
} from './processes.ts';
import type { Workspace } from './workspace.ts';

const ocap = fileURLToPath(
  new URL('../../packages/cli/bin/ocap.cjs', import.meta.url),
);
/** Longer than any row takes. */
const CALL_TIMEOUT_MS = 120_000;
/** A host whose memory stays the same for so long has come to rest. */
const QUIET_MS = 150;

export type Daemon = Readonly<{
  socketPath: string;
  /** Starts it, if it does not run. */
  start(): Promise<void>;
  /** SIGKILL; returns when it and its vat hosts are gone. */
  kill(): Promise<void>;
  call(method: string, params?: unknown): Promise<unknown>;
  getStatus(): Promise<KernelStatus>;
  /** Of the daemon, without its hosts. */
  memoryMiB(): number;
  /** That the daemon and its hosts have used since they were started. */
  processorMs(): number;
  launch(config: ClusterConfig): Promise<LaunchResult>;
  /** `ocap …args`, as a process of its own. */
  ocap(...args: string[]): Promise<Ended>;
  /** Waits until a spare host is there and no host's memory changes any more. */
  settle(): Promise<void>;
  close(): Promise<void>;
}>;

export const makeDaemon = (workspace: Workspace): Daemon => {
  const paths = pathsOf(workspace.newPath());
  const { home, socketPath } = paths;
  let client: Client | undefined;
  let busy: Promise<unknown> = Promise.resolve();
  let closed = false;

  /**
   * For work that may bring up a daemon: it is awaited before one is looked for
   * to be ended, and none begins once this home is given up.
   */
  const track = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (closed) throw Error('this home is closed');
    const working = work();
    busy = working.catch(() => undefined);
    return working;
  };

  const kill = async (): Promise<void> => {
    await busy;
    client?.close();
    client = undefined;
    const daemon = findDaemon(paths);
    if (daemon === undefined) return;
    const pids = [daemon.pid, ...childrenOf(daemon.pid)];
    process.kill(daemon.pid, 'SIGKILL');
    await untilGone(pids);
  };

  const call: Daemon['call'] = async (method, params) => {
    client ??= makeClient({ socketPath, timeoutMs: CALL_TIMEOUT_MS });
    return client.call(method, params);
  };
  const getStatus = async (): Promise<KernelStatus> =>
    (await call('getStatus')) as KernelStatus;

  const pid = (): number => {
    const found = findDaemon(paths);
    if (found === undefined) throw Error('no daemon runs');
    return found.pid;
  };

  return {
    socketPath,
    start: async () => void (await track(async () => ensureDaemon({ home }))),
    kill,
    call,
    getStatus,
    memoryMiB: () => memoryOf(pid()),
    processorMs: () => {
      const daemon = pid();
      return processorMsOf(daemon, ...childrenOf(daemon));
    },
    launch: async (config) =>
      (await call('launchSubcluster', { config })) as LaunchResult,
    ocap: async (...args) =>
      track(async () => {
        await mkdir(home, { recursive: true, mode: 0o700 });
        const env = { ...process.env, OCAP_HOME: home };
        return runNode([ocap, ...args], env);
      }),
    settle: async () => {
      let before = '';
      let since = 0;
      await until('the vat hosts to come to rest', async () => {
        const { hosts } = await getStatus();
        const now = JSON.stringify(hosts);
        if (now !== before) since = Date.now();
        before = now;
        return (
          hosts.some(({ spare }) => spare) && Date.now() - since > QUIET_MS
        );
      });
    },
    close: workspace.own(async () => {
      closed = true;
      await kill();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    }),
  };
};

/** Runs `use` with a daemon that is up, and ends the daemon. */
export const withDaemon = async <Value>(
  workspace: Workspace,
  use: (daemon: Daemon) => Promise<Value>,
): Promise<Value> => {
  const daemon = makeDaemon(workspace);
  try {
    await daemon.start();
    return await use(daemon);
  } finally {
    await daemon.close();
  }
};
