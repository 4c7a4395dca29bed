/** Who has the socket of a daemon gets all that is said to it, so it must not be another user's. */
import { statSync, type Stats } from 'node:fs';
import { DaemonError } from './errors.ts';

/** Where there is none, that is for who connects to tell. @throws FOREIGN_FILE */
export const insistOwnSocket = (path: string): void => {
  const uid = statOf(path)?.uid;
  if (uid !== undefined && uid !== (process.getuid?.() ?? uid)) {
    throw new DaemonError('FOREIGN_FILE', { path, uid });
  }
};

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // Behind a folder that is closed to us, as it will be for `connect`.
  }
};
