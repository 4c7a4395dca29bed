/** Forgets everything of a home that a daemon made, and nothing else (P-10). */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonError } from '../client/errors.ts';
import { acquireLock } from './lock.ts';
import { pathsOf, resolveHome } from './paths.ts';

// The database with its journals and the backups of its migrations; the log and
// its older files. The lock is removed last, and while it is held.
const ours =
  /^(?:identity\.key(?:\.\d+)?|repl\.history|kernel\.sqlite(?:[-.].*)?|daemon\.(?:sock|pid|start|log(?:\.\d+)?))$/u;

/** @throws STILL_RUNNING, with nothing deleted, if a daemon has the lock */
export const deleteDaemonState = async (home: string): Promise<void> => {
  const paths = pathsOf(resolveHome(home));
  let names: string[];
  try {
    names = readdirSync(paths.home);
  } catch {
    // There is no such home, so there is nothing in it.
    return;
  }
  const lock = await acquireLock(paths.lockPath);
  if (lock === undefined) throw new DaemonError('STILL_RUNNING', { home });
  try {
    for (const name of names.filter((found) => ours.test(found))) {
      rmSync(join(paths.home, name), { force: true });
    }
    rmSync(paths.lockPath, { force: true });
  } finally {
    lock.release();
  }
};
