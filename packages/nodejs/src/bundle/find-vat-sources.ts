/** Which files of a folder may be vats: sources that speak of `buildRootObject`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const sourceForm = /\.(?:js|mjs|ts|mts)$/u;
const otherForm = /\.(?:test|spec|d|config)\.[a-z]+$/u;

export const isVatSource = (name: string): boolean =>
  sourceForm.test(name) && !otherForm.test(name);

/** In order of name. Whether one really exports it is seen when it is bundled. */
export const findVatSources = async (directory: string): Promise<string[]> => {
  const names = (await readdir(directory)).filter(isVatSource).sort();
  const texts = await Promise.all(
    names.map(async (name) => readFile(join(directory, name), 'utf8')),
  );
  return names
    .filter((_name, at) => texts[at]?.includes('buildRootObject'))
    .map((name) => join(directory, name));
};
