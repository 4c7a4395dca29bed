/** The code that a file makes, as the daemon would see it: to tell whether it is another. */
import { readFile } from 'node:fs/promises';
import { BundleError, bundleVat } from '@ocap/nodejs/bundle';
import { CliError } from './cli-error.ts';
import type { VatFile } from './dev-target.ts';

/** Bundles a source, reads a bundle. `onFile` is told of each file before it is read. */
export const codeOf = async (
  { field, path }: VatFile,
  onFile: (path: string) => void = () => undefined,
): Promise<string> => {
  if (field === 'bundleSpec') {
    onFile(path);
    return readBundle(path);
  }
  const bundle = await bundleVat(path, { onFile });
  if (!bundle.exports.includes('buildRootObject')) {
    throw new BundleError('NOT_A_VAT', { path });
  }
  return JSON.stringify(bundle);
};

const readBundle = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new CliError('FILE_UNREADABLE', { path, problem });
  }
};
