/**
 * The daemon's life in one place: lock, kernel, socket, and the way back. Runs
 * in the calling process, which must be under SES lockdown.
 */
import type { ClusterConfig, Kernel } from '@ocap/kernel';
import { makeRpcEngine } from '@ocap/kernel/rpc';
import {
  limitValues,
  messageOf,
  type LimitValues,
  type Logger,
} from '@ocap/kernel-utils';
import { DaemonError } from '../client/errors.ts';
import { makeQueryRunner, type QueryRunner } from '../query/query-runner.ts';
import { readHomeConfig } from './home-config.ts';
import { watchHome } from './home-watch.ts';
import { acquireLock, type Lock } from './lock.ts';
import { makeLogger, type DaemonLogger } from './logs.ts';
import { pathsOf, resolveHome, type HomePaths } from './paths.ts';
import { findDaemon, removePidFile, writePidFile } from './pid-file.ts';
import { preparePrivateFolder } from './private-folder.ts';
import { processMetrics } from './process-metrics.ts';
import {
  startRpcSocketServer,
  type RpcSocketServer,
} from './rpc-socket-server.ts';

const LOOK_EVERY_MS = 3_000;

export type MakeKernel = (
  options: Readonly<{
    databasePath: string;
    logger: Logger;
    systemSubclusters?: Readonly<Record<string, ClusterConfig>>;
    limits?: Partial<LimitValues>;
  }>,
) => Promise<Readonly<{ kernel: Kernel }>>;

type Options = Readonly<{
  home?: string;
  /** By default the daemon's own log in its home. */
  logger?: Logger;
  /** Besides those that `config.json` in the home declares. */
  systemSubclusters?: Readonly<Record<string, ClusterConfig>>;
  /** Instead of those that `config.json` in the home sets. */
  limits?: Partial<LimitValues>;
  /** The lock of this home, where the caller has it already. */
  lock?: Lock;
  /** By default the kernel of this package. */
  makeKernel?: MakeKernel;
  /** How often it looks whether its socket and its lock are still there. */
  lookEveryMs?: number;
}>;

export type Daemon = Readonly<{
  paths: HomePaths;
  /** Stops everything; asked again it waits for the same stop (P-26). */
  close(): Promise<void>;
  /** Settles when it has stopped, whoever asked; rejects if that went wrong. */
  closed: Promise<void>;
}>;

/** @throws ALREADY_RUNNING, or whatever kept the kernel from starting */
export const startDaemon = async (options: Options = {}): Promise<Daemon> => {
  const paths = pathsOf(resolveHome(options.home));
  preparePrivateFolder(paths.home);
  const lock = options.lock ?? (await insistLock(paths));
  const logger = options.logger ?? makeLogger({ path: paths.logPath });
  try {
    return await startLocked({ ...options, paths, lock, logger });
  } catch (thrown) {
    logger.error('The daemon did not start.', { err: thrown });
    removePidFile(paths);
    lock.release();
    throw thrown;
  }
};

const insistLock = async (paths: HomePaths): Promise<Lock> => {
  const lock = await acquireLock(paths.lockPath);
  if (lock !== undefined) return lock;
  throw new DaemonError('ALREADY_RUNNING', {
    home: paths.home,
    pid: findDaemon(paths)?.pid,
  });
};

// Imported when it is needed: the kernel can only be loaded after lockdown,
// and who brings a kernel of his own should not have to load this one.
const loadMakeKernel = async (): Promise<MakeKernel> =>
  (await import('../make-kernel.ts')).makeKernel;

type Parts = Readonly<{
  paths: HomePaths;
  lock: Lock;
  logger: Logger | DaemonLogger;
}>;

const startLocked = async ({
  paths,
  lock,
  logger,
  systemSubclusters = {},
  limits: givenLimits = {},
  makeKernel,
  lookEveryMs = LOOK_EVERY_MS,
}: Options & Parts): Promise<Daemon> => {
  // First of all, so that a daemon that hangs while it starts can be stopped.
  writePidFile(paths);
  const config = readHomeConfig(paths.configPath, paths.home);
  const setLimits = { ...config.limits, ...givenLimits };
  const limits = limitValues(setLimits);
  const { databasePath } = paths;
  const make = makeKernel ?? (await loadMakeKernel());
  const { kernel } = await make({
    databasePath,
    logger,
    systemSubclusters: { ...config.systemSubclusters, ...systemSubclusters },
    limits: setLimits,
  });

  const queries = makeQueryRunner({ databasePath, limits, logger });

  let closing: Promise<void> | undefined;
  const settled = Promise.withResolvers<void>();
  // Who does not look at `closed` has the promise of `close`.
  settled.promise.catch(() => undefined);
  const close = async (): Promise<void> => {
    endWatch();
    closing ??= stopAll({ server, queries, kernel, paths, lock, logger });
    closing.then(settled.resolve, settled.reject);
    return closing;
  };
  const rpc = makeRpcEngine(kernel, {
    logger,
    limits,
    executeDBQuery: async (sql) => {
      // So that it sees whatever has come of what was asked before.
      kernel.commit();
      return queries.query(sql);
    },
    moreMetrics: () => processMetrics(paths, server.connections()),
    logs: 'lines' in logger ? logger.lines : undefined,
    setLogLevel: (level) => {
      if ('setLevel' in logger) logger.setLevel(level);
    },
    // Its failure is in the log and in `closed`.
    shutdown: () => void close().catch(() => undefined),
  });
  const server = await startRpcSocketServer({
    socketPath: paths.socketPath,
    rpc,
    logger,
    limits,
  }).catch(async (thrown: unknown) => {
    await kernel.stop();
    throw thrown;
  });
  const endWatch = watchHome({
    server,
    lock,
    logger,
    everyMs: lookEveryMs,
    // Its failure is in the log and in `closed`.
    onLost: () => void close().catch(() => undefined),
  });
  logger.info('The daemon has started.', {
    pid: process.pid,
    home: paths.home,
  });
  return { paths, close, closed: settled.promise };
};

type Running = Parts &
  Readonly<{ server: RpcSocketServer; queries: QueryRunner; kernel: Kernel }>;

/**
 * Nobody new first, the lock last: whoever gets it next finds the home as the
 * kernel left it. What fails does not keep the rest from being done (P-27).
 */
const stopAll = async ({
  server,
  queries,
  kernel,
  paths,
  lock,
  logger,
}: Running): Promise<void> => {
  logger.info('The daemon is stopping.');
  try {
    server.stopAccepting();
    // Before the store: only who closes it last tidies it up.
    await queries.close();
    await kernel.stop();
  } catch (thrown) {
    logger.error('The kernel did not stop as it should.', { err: thrown });
    throw thrown;
  } finally {
    await server.close();
    // Without the lock they may be those of another daemon.
    if (!lock.isLost()) removePidFile(paths);
    lock.release();
    logger.info('The daemon has stopped.');
    closeOwn(logger);
  }
};

const closeOwn = (logger: Logger | DaemonLogger): void => {
  try {
    if ('close' in logger) logger.close();
  } catch (thrown) {
    logger.warn('The log was not closed.', { problem: messageOf(thrown) });
  }
};
