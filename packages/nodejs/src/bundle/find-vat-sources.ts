/** Which files of a folder may be vats: sources that speak of `buildRootObject`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../client/errors.ts';

const sourceForm = /\.(?:js|mjs|ts|mts)$/u;
const otherForm = /\.(?:test|spec|d|config)\.[a-z]+$/u;

export const isVatSource = (name: string): boolean =>
  sourceForm.test(name) && !otherForm.test(name);

type Options = Readonly<{
  /** Told of the folder and of each file before it is read. */
  onFile?: (path: string) => void;
}>;

/** In order of name. Whether one really exports it is seen when it is bundled. */
export const findVatSources = async (
  directory: string,
  { onFile = () => undefined }: Options = {},
): Promise<string[]> => {
  onFile(directory);
  const entries = await readdir(directory, { withFileTypes: true });
  const paths = entries
    .filter((entry) => isVatSource(entry.name) && !entry.isDirectory())
    .map(({ name }) => join(directory, name))
    .sort();
  paths.forEach(onFile);
  const texts = await Promise.all(paths.map(textOf));
  return paths.filter((_path, at) => texts[at]?.includes('buildRootObject'));
};

/** The same of a file, which stands for itself, and of what is not there: nothing. */
export const listVatSources = async (
  path: string,
  options?: Options,
): Promise<string[]> => {
  try {
    return await findVatSources(path, options);
  } catch (error) {
    switch (systemCodeOf(error)) {
      case 'ENOTDIR':
        return [path];
      case 'ENOENT':
        return [];
      default:
        throw error;
    }
  }
};

/** Editors rename: what was listed just now may be gone. */
const textOf = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') {
      return '';
    }
    throw error;
  }
};
