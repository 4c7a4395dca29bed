/** From the lock to the end of the process: what the relay's process loads once it has won. */
import { rmSync } from 'node:fs';
import type { Lock } from '../daemon/lock.ts';
import { makeLogger } from '../daemon/logs.ts';
import { removePidFile, writePidFile } from '../daemon/pid-file.ts';
import type { Readiness } from '../daemon/readiness.ts';
import { makeDefectLog } from './defects.ts';
import type { RelayPaths } from './relay-paths.ts';
import { openRelayService } from './relay-service.ts';
import type { RelaySettings } from './relay-settings.ts';

type Options = Readonly<{
  paths: RelayPaths;
  lock: Lock;
  report(said: Readiness): void;
  settings: RelaySettings;
  /** Whether the end of stdin means that of the relay. */
  endsWithStdin: boolean;
}>;

// Less than `ocap relay stop` waits before it takes to signals.
const CLOSE_MS = 3_500;

/** Ends the process itself: nothing that is left open may keep it. */
export const runRelay = async ({
  paths,
  lock,
  report,
  settings,
  endsWithStdin,
}: Options): Promise<void> => {
  const logger = makeLogger({ path: paths.logPath });
  const forget = (): void => {
    removePidFile(paths);
    rmSync(paths.socketPath, { force: true });
  };
  const tellDefect = makeDefectLog(logger);
  process.on('uncaughtException', tellDefect);
  process.on('unhandledRejection', tellDefect);

  const stopAsked = Promise.withResolvers<void>();
  const stop = (): void => stopAsked.resolve();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A terminal that goes away is no reason to stop.
  process.on('SIGHUP', () => undefined);
  if (endsWithStdin) process.stdin.on('close', stop).resume();

  // First of all, so that a relay that hangs while it starts can be stopped.
  writePidFile(paths);
  try {
    const service = await openRelayService({
      paths,
      settings,
      logger,
      onShutdown: stop,
    });
    const { peerId, addresses } = service.status();
    logger.info('The relay has started.', {
      pid: process.pid,
      peerId,
      addresses,
    });
    report({ ready: true, pid: process.pid });
    await stopAsked.promise;
    // Nothing that a peer does, or does not do, keeps it from ending.
    setTimeout(() => process.exit(1), CLOSE_MS).unref();
    logger.info('The relay is stopping.', {
      metrics: service.status().metrics,
    });
    await service.close();
  } catch (err) {
    logger.error('The relay did not start, or did not stop as it should.', {
      err,
    });
    forget();
    lock.release();
    throw err;
  }
  forget();
  lock.release();
  logger.info('The relay has stopped.');
  process.exit(0);
};
