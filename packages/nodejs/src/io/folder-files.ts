/** What reading and writing in a folder have in common. */
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FileProblem } from './file-problem.ts';
import type { Place } from './walk-folder.ts';

const { O_NOFOLLOW, O_NONBLOCK } = constants;

/** A file that can be opened without waiting, and is neither link nor device. */
export const openFile = async (
  place: Place,
  name: string,
  flags: number,
): Promise<FileHandle> => {
  const path = place.pathOf(name);
  const handle = await open(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o666);
  try {
    const found = await handle.stat();
    if (found.isDirectory()) {
      throw new FileProblem('is a folder');
    }
    if (!found.isFile()) {
      throw new FileProblem('is not an ordinary file');
    }
    await place.verify({ handle, name });
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
};

export const insistNoLink = (found: Stats | undefined): void => {
  if (found?.isSymbolicLink() === true) {
    throw new FileProblem('is a symbolic link');
  }
};
