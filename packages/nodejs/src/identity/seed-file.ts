/**
 * `identity.key`: the 32 bytes as 64 hexadecimal digits, for its owner only.
 * Written whole or not at all, so that no crash leaves half a key behind.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { fail, messageOf } from '@ocap/kernel-utils';

/** Undefined where there is no such file. @throws IDENTITY_UNUSABLE */
export const readSeed = (path: string): Buffer | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw fail('IDENTITY_UNUSABLE', { path, problem: messageOf(error) });
  }
  if (!/^[0-9a-f]{64}$/u.test(text)) {
    const problem = 'it is not 64 hexadecimal digits';
    throw fail('IDENTITY_UNUSABLE', { path, problem });
  }
  return Buffer.from(text, 'hex');
};

/** Never over one that is there: two that race end up with one key. */
export const createSeed = (path: string, seed: Uint8Array): void => {
  writeBeside(path, seed, (written) => {
    try {
      linkSync(written, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
  });
};

/** In the place of whatever is there. */
export const replaceSeed = (path: string, seed: Uint8Array): void => {
  writeBeside(path, seed, (written) => renameSync(written, path));
};

/** @throws IDENTITY_UNUSABLE */
const writeBeside = (
  path: string,
  seed: Uint8Array,
  put: (written: string) => void,
): void => {
  const written = `${path}.${process.pid}`;
  try {
    // It may be of a process that had this id before, and did not end well.
    rmSync(written, { force: true });
    const file = openSync(written, 'wx', 0o600);
    try {
      writeFileSync(file, `${Buffer.from(seed).toString('hex')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    put(written);
  } catch (error) {
    throw fail('IDENTITY_UNUSABLE', { path, problem: messageOf(error) });
  } finally {
    rmSync(written, { force: true });
  }
};
