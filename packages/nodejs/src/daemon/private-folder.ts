/**
 * A home is for its owner only: it holds every key and every secret of its vats.
 * One that was open to others may have something of theirs in it, which must
 * not be taken for ours.
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { DaemonError } from '../client/errors.ts';

/** @throws FOREIGN_FILE */
export const preparePrivateFolder = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  insistOwn(path, statSync(path).uid);
  chmodSync(path, 0o700);
  // From here on nobody else can add anything.
  for (const name of readdirSync(path)) {
    const file = join(path, name);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat !== undefined) insistOwn(file, stat.uid);
  }
};

const insistOwn = (path: string, uid: number): void => {
  // Where there are no users, all is ours.
  if (uid !== (process.getuid?.() ?? uid)) {
    throw new DaemonError('FOREIGN_FILE', { path, uid });
  }
};
