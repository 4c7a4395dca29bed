/** What must not be done to a home while its daemon runs. */
import { DaemonError } from '../client/errors.ts';
import { acquireLock } from './lock.ts';
import type { HomePaths } from './paths.ts';
import { findDaemon } from './pid-file.ts';
import { preparePrivateFolder } from './private-folder.ts';

/** With the lock of the home, which is made if need be. @throws ALREADY_RUNNING */
export const whileStopped = async <Result>(
  paths: HomePaths,
  use: () => Result,
): Promise<Result> => {
  preparePrivateFolder(paths.home);
  const lock = await acquireLock(paths.lockPath);
  if (lock === undefined) {
    const pid = findDaemon(paths)?.pid;
    throw new DaemonError('ALREADY_RUNNING', { home: paths.home, pid });
  }
  try {
    return use();
  } finally {
    lock.release();
  }
};
