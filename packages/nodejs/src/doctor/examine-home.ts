/**
 * Looks a home over, whether or not its daemon runs, and changes nothing. What
 * only the daemon knows (its audit) is for who asks it.
 */
import { existsSync } from 'node:fs';
import { messageOf } from '@ocap/kernel-utils';
import { insistOwnSocket } from '../client/own-socket.ts';
import { readHomeConfig } from '../daemon/home-config.ts';
import { isLocked } from '../daemon/lock.ts';
import { pathsOf, resolveHome, type HomePaths } from '../daemon/paths.ts';
import { findDaemon } from '../daemon/pid-file.ts';
import { peerIdOf } from '../identity/peer-identity.ts';
import { readSeed } from '../identity/seed-file.ts';
import { examineFiles } from './examine-files.ts';
import { notOk, ok, type Finding } from './finding.ts';

export type { Finding } from './finding.ts';

// Loaded when it is needed: SQLite costs what most commands cost in all.
const loadStore = async () => import('./examine-store.ts');

/** What is found is told, never thrown. */
export const examineHome = async ({
  home,
}: Readonly<{ home?: string | undefined }> = {}): Promise<
  readonly Finding[]
> => {
  const paths = pathsOf(resolveHome(home));
  const node = ok('node', `version ${process.versions.node}`);
  if (!existsSync(paths.home)) {
    return [node, ok('home', `${paths.home} is not there yet`)];
  }
  const isRunning = await hasDaemon(paths);
  const { examineStore } = await loadStore();
  return [
    node,
    ...(await tried('files', () => examineFiles(paths.home))),
    ...(await tried('config', () => [examineConfig(paths)])),
    ...(await tried('lock', () => [examineLock(paths, isRunning)])),
    ...(await tried('identity', () => [examineIdentity(paths)])),
    ...(await tried('database', () =>
      examineStore(paths.databasePath, isRunning),
    )),
  ];
};

const hasDaemon = async ({ lockPath }: HomePaths): Promise<boolean> =>
  isLocked(lockPath).catch(() => false);

/** A look that fails is a finding, too. */
const tried = async (
  what: string,
  examine: () => readonly Finding[],
): Promise<readonly Finding[]> => {
  try {
    return examine();
  } catch (error) {
    const found = `it could not be looked at: ${messageOf(error)}`;
    const advice = 'see to it that this user can read the home';
    return [notOk('problem', what, found, advice)];
  }
};

const examineConfig = ({ configPath, home }: HomePaths): Finding => {
  if (!existsSync(configPath)) {
    return ok('config', 'no config.json: everything is as usual');
  }
  try {
    const { limits, systemSubclusters } = readHomeConfig(configPath, home);
    const set = Object.keys(limits).length;
    const launched = Object.keys(systemSubclusters).length;
    return ok('config', `sets ${set} limits, ${launched} system subclusters`);
  } catch (error) {
    const advice = 'correct it, or move it away, and start the daemon again';
    return notOk('problem', 'config', messageOf(error), advice);
  }
};

const examineLock = (paths: HomePaths, isRunning: boolean): Finding => {
  try {
    insistOwnSocket(paths.socketPath);
  } catch (error) {
    return notOk('problem', 'lock', messageOf(error), 'delete that socket');
  }
  const daemon = findDaemon(paths);
  if (!isRunning) {
    const found = existsSync(paths.pidPath)
      ? 'no daemon runs; the last one was killed, and the next start tidies up'
      : 'no daemon runs';
    return ok('lock', found);
  }
  return daemon === undefined
    ? notOk(
        'warning',
        'lock',
        'a daemon has the lock, but its pid file is gone, so it can only be stopped by asking it',
        'ocap daemon stop',
      )
    : ok('lock', `held by the daemon, pid ${daemon.pid}`);
};

const examineIdentity = ({ identityPath }: HomePaths): Finding => {
  try {
    const seed = readSeed(identityPath);
    return seed === undefined
      ? ok('identity', 'none yet; it is made when it is first needed')
      : ok('identity', peerIdOf(seed));
  } catch (error) {
    const advice = 'ocap daemon identity restore  with the words of its backup';
    return notOk('problem', 'identity', messageOf(error), advice);
  }
};
