/** A home is for its owner only: it holds every key and every secret of its vats. */
import { chmodSync, mkdirSync } from 'node:fs';

export const preparePrivateFolder = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
};
