/** From the lock to the end of the process: what the daemon's process loads once it has won. */
import './lockdown.ts';
import { rmSync } from 'node:fs';
import type { LimitValues } from '@ocap/kernel-utils';
import { DaemonError } from '../client/errors.ts';
import type { Lock } from './lock.ts';
import { logLevels, makeLogger, type LogLevel } from './logs.ts';
import type { HomePaths } from './paths.ts';
import { removePidFile } from './pid-file.ts';
import type { Readiness } from './readiness.ts';
import { makeServiceManager } from './service-manager.ts';
import { startDaemon, type MakeKernel } from './start-daemon.ts';

type Options = Readonly<{
  paths: HomePaths;
  lock: Lock;
  report(said: Readiness): void;
  level?: string | undefined;
  limits?: Partial<LimitValues>;
  makeKernel?: MakeKernel;
}>;

const isLevel = (text: string): text is LogLevel =>
  logLevels.some((level) => level === text);

/** Ends the process itself: nothing that is left open may keep it. */
export const runDaemon = async ({
  paths,
  lock,
  report,
  level,
  ...options
}: Options): Promise<void> => {
  if (level !== undefined && !isLevel(level)) {
    const known = logLevels.join(', ');
    throw new DaemonError('LOG_LEVEL_UNKNOWN', { level, known });
  }
  const logger = makeLogger({
    path: paths.logPath,
    ...(level === undefined ? {} : { level }),
  });
  const die = (err: unknown): never => {
    logger.error('The daemon ends because of a defect of its own.', { err });
    removePidFile(paths);
    rmSync(paths.socketPath, { force: true });
    process.exit(70);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);

  const { home } = paths;
  const daemon = await startDaemon({ ...options, home, logger, lock });
  // Coalesces with a shutdown by RPC; how it ends is told below.
  const serviceManager = makeServiceManager(logger);
  const stop = (): void => {
    serviceManager.stopping();
    void daemon.close().catch(() => undefined);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A terminal that goes away is no reason to stop.
  process.on('SIGHUP', () => undefined);
  report({ ready: true, pid: process.pid });
  serviceManager.ready();

  try {
    await daemon.closed;
    process.exit(0);
  } catch {
    process.exit(1);
  }
};
