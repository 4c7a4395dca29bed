/**
 * The methods of a folder channel that change something. What they did is on the
 * disk when they are done.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, rename, rmdir, unlink } from 'node:fs/promises';
import { codeOf, FileProblem } from './file-problem.ts';
import { insistNoLink, openFile } from './folder-files.ts';
import { UNFINISHED } from './folder-path.ts';
import { lookAt, type Place } from './walk-folder.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;

/** All of the new text or all of the old is there at any time, also after a crash. */
export const writeText = async (
  place: Place,
  name: string,
  text = '',
): Promise<void> => {
  const found = await lookAt(place, name);
  insistNoLink(found);
  if (found?.isDirectory() === true) {
    throw new FileProblem('is a folder');
  }
  const unfinished = `${UNFINISHED}${randomUUID()}`;
  const path = place.pathOf(unfinished);
  const handle = await openFile(place, unfinished, O_WRONLY | O_CREAT | O_EXCL);
  try {
    if (found?.isFile() === true) {
      await handle.chmod(found.mode & 0o777);
    }
    await handle.writeFile(text);
    await handle.sync();
    await place.verify({ handle, name: unfinished });
    await rename(path, place.pathOf(name));
    await place.handle.sync();
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
};

export const appendText = async (
  place: Place,
  name: string,
  text = '',
): Promise<void> => {
  const handle = await openFile(place, name, O_WRONLY | O_APPEND | O_CREAT);
  try {
    if ((await handle.stat()).nlink > 1) {
      throw new FileProblem(
        'has another name, which may be outside of the folder: write it anew instead',
      );
    }
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

export const makeFolder = async (place: Place, name: string): Promise<void> => {
  try {
    await place.verify();
    await mkdir(place.pathOf(name), { mode: 0o777 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw error;
    }
  }
};

/** Whether there was something; a folder goes only when it is empty. */
export const remove = async (place: Place, name: string): Promise<boolean> => {
  const found = await lookAt(place, name);
  insistNoLink(found);
  if (found === undefined) {
    return false;
  }
  const path = place.pathOf(name);
  await (found.isDirectory() ? rmdir(path) : unlink(path));
  await place.handle.sync();
  return true;
};
