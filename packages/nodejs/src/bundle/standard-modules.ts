/**
 * The modules that every vat host supplies. A bundle leaves them out, and reads
 * them from `__hostModules__` when it is evaluated.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const standardModules: readonly string[] = [
  '@endo/eventual-send',
  '@endo/exo',
  '@endo/patterns',
  '@endo/marshal',
  '@endo/pass-style',
  '@endo/promise-kit',
  '@endo/errors',
  '@endo/far',
  '@agoric/store',
  '@ocap/kernel-utils/exo',
];

export const isStandardModule = (name: string): boolean =>
  standardModules.includes(name);

/**
 * The version that is installed beside this program, which is what the bundle
 * was made against; `*` if there is none.
 */
export const standardModuleVersion = async (name: string): Promise<string> => {
  const packageName = name.split('/').slice(0, 2).join('/');
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const version = await versionIn(
      join(directory, 'node_modules', packageName),
    );
    if (version !== undefined) {
      return version;
    }
    const parent = dirname(directory);
    if (parent === directory) {
      return '*';
    }
    directory = parent;
  }
};

const versionIn = async (directory: string): Promise<string | undefined> => {
  try {
    const text = await readFile(join(directory, 'package.json'), 'utf8');
    const { version } = JSON.parse(text) as { version?: string };
    return version;
  } catch {
    return undefined; // Not here: the next directory up may have it.
  }
};
