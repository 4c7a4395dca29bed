/** The methods of a folder channel that look and change nothing. */
import { constants, type Dirent, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { fail, type LimitValues } from '@ocap/kernel-utils';
import { FileProblem } from './file-problem.ts';
import { insistNoLink, openFile } from './folder-files.ts';
import { UNFINISHED } from './folder-path.ts';
import { lookAt, type Place } from './walk-folder.ts';

export const readText = async (
  place: Place,
  name: string,
  { ioFileBytes: max }: LimitValues,
): Promise<string> => {
  const handle = await openFile(place, name, constants.O_RDONLY);
  try {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    // Not by the size that it says it has: it may grow meanwhile.
    for await (const chunk of handle.createReadStream({
      end: max,
      autoClose: false,
    })) {
      chunks.push(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).length;
    }
    if (bytes > max) {
      throw fail('LIMIT_REACHED', {
        limit: 'ioFileBytes',
        value: `more than ${max}`,
        max,
        unit: 'bytes',
      });
    }
    return toText(Buffer.concat(chunks));
  } finally {
    await handle.close();
  }
};

const toText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes,
    );
  } catch {
    throw new FileProblem('is not text in UTF-8');
  }
};

/** In the order of their names. */
export const list = async (
  place: Place,
  { ioFolderEntries: max }: LimitValues,
): Promise<object> => {
  const found: { name: string; type: string }[] = [];
  for await (const entry of await opendir(place.pathOf('.'))) {
    if (entry.name.startsWith(UNFINISHED)) {
      continue;
    }
    if (found.length >= max) {
      throw fail('LIMIT_REACHED', {
        limit: 'ioFolderEntries',
        value: `more than ${max}`,
        max,
        unit: 'entries',
      });
    }
    found.push({ name: entry.name, type: typeOf(entry) });
  }
  await place.verify();
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
};

const typeOf = (entry: Dirent | Stats): string => {
  if (entry.isFile()) {
    return 'file';
  }
  if (entry.isDirectory()) {
    return 'folder';
  }
  return entry.isSymbolicLink() ? 'link' : 'other';
};

export const stat = async (place: Place, name: string): Promise<object> => {
  const found = await lookAt(place, name);
  insistNoLink(found);
  if (found === undefined) {
    throw new FileProblem('does not exist');
  }
  const { size, mtimeMs } = found;
  return {
    type: typeOf(found),
    size: size,
    modified: Math.floor(mtimeMs),
  };
};
