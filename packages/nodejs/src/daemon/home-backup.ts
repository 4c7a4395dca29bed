/**
 * Backing up the state of a home, also while its daemon runs, and bringing it
 * back. The identity is not part of it: it is a key, and has ways of its own.
 */
import { existsSync, renameSync } from 'node:fs';
import { DaemonError } from '../client/errors.ts';
import { databaseSuffixes, deleteDatabase } from '../store/delete-database.ts';
import { pathsOf, resolveHome } from './paths.ts';
import { whileStopped } from './while-stopped.ts';

// Loaded when it is needed: SQLite costs what most commands cost in all.
const loadBackup = async () => import('../store/backup.ts');

type Options = Readonly<{ home?: string | undefined; file: string }>;

/** @throws STATE_MISSING, BACKUP_EXISTS, BACKUP_FAILED */
export const backUpState = async ({
  home,
  file,
}: Options): Promise<Readonly<{ bytes: number }>> => {
  const paths = pathsOf(resolveHome(home));
  if (!existsSync(paths.databasePath)) {
    throw new DaemonError('STATE_MISSING', { home: paths.home });
  }
  if (existsSync(file)) throw new DaemonError('BACKUP_EXISTS', { file });
  const { writeBackup } = await loadBackup();
  try {
    return { bytes: writeBackup(paths.databasePath, file) };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new DaemonError('BACKUP_FAILED', { file, problem }, { cause });
  }
};

export type RestoredState = Readonly<{
  /** Where the state is that was there before. */
  replaced?: string;
}>;

/**
 * Takes the backup for the state of the home. What was there is kept beside it.
 * @throws BACKUP_UNUSABLE, ALREADY_RUNNING, STATE_IN_USE; then nothing has changed
 */
export const restoreState = async ({
  home,
  file,
  force = false,
}: Options &
  Readonly<{
    /** Also where there is a state already. */
    force?: boolean;
  }>): Promise<RestoredState> => {
  const paths = pathsOf(resolveHome(home));
  const { copyRestored, findBackupProblem } = await loadBackup();
  const problem = findBackupProblem(file);
  if (problem !== undefined) {
    throw new DaemonError('BACKUP_UNUSABLE', { file, problem });
  }
  return whileStopped(paths, () => {
    const { databasePath } = paths;
    const isInUse = existsSync(databasePath);
    if (isInUse && !force) {
      throw new DaemonError('STATE_IN_USE', { home: paths.home });
    }
    const draft = `${databasePath}.restoring`;
    deleteDatabase(draft);
    copyRestored(file, draft);
    const replaced = isInUse ? moveAside(databasePath) : undefined;
    // A log that is left over would be taken for that of the new one.
    deleteDatabase(databasePath);
    renameSync(draft, databasePath);
    return replaced === undefined ? {} : { replaced };
  });
};

/** With its log, which may have commits that are nowhere else. */
const moveAside = (path: string): string => {
  let number = 1;
  while (existsSync(`${path}.replaced-${number}`)) number += 1;
  const aside = `${path}.replaced-${number}`;
  for (const suffix of databaseSuffixes) {
    if (existsSync(`${path}${suffix}`)) {
      renameSync(`${path}${suffix}`, `${aside}${suffix}`);
    }
  }
  return aside;
};
