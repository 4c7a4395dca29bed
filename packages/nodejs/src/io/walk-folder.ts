/**
 * The way down from a root without leaving it. Every folder on the way is opened
 * in the one before it, and none that is a link; what is then done in it goes by
 * the open descriptor, where the system has a path for that. So it does not help
 * to put a link in the place of a folder after it was looked at. Elsewhere the
 * place is looked at again after each step, which leaves an instant in between.
 */
import { constants, existsSync, type Stats } from 'node:fs';
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, FileProblem } from './file-problem.ts';

/** A folder that is open. */
export type Place = Readonly<{
  handle: FileHandle;
  /** Leads to the folder for as long as it is open. */
  path: string;
  /** Of something in it, for functions that do not follow a last link. */
  pathOf(name: string): string;
  /** Throws if the folder, or what was opened in it, is not where it was. */
  verify(
    opened?: Readonly<{ handle: FileHandle; name: string }>,
  ): Promise<void>;
}>;

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const DESCRIPTORS = '/proc/self/fd';
const hasDescriptorPaths = existsSync(DESCRIPTORS);

/** Opens the folder that is reached by these names, and closes it after `use`. */
export const withFolder = async <Result>(
  root: string,
  names: readonly string[],
  use: (place: Place) => Promise<Result>,
  byDescriptor = hasDescriptorPaths,
): Promise<Result> => {
  const placeOf = byDescriptor ? placeByDescriptor : placeByPath;
  // The root itself was named by the operator, and may be reached by links.
  const real = await realpath(root);
  let place = placeOf(await open(real, O_RDONLY | O_DIRECTORY), real);
  try {
    for (const name of names) {
      const next = await openBelow(place, name);
      const above = place;
      place = placeOf(next, join(above.path, name));
      await above.handle.close();
      await place.verify();
    }
    return await use(place);
  } finally {
    await place.handle.close();
  }
};

const openBelow = async (place: Place, name: string): Promise<FileHandle> => {
  const path = place.pathOf(name);
  try {
    return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    // The system says of a link only that it is no folder.
    if (codeOf(error) === 'ENOTDIR') {
      await insistNoLink(path);
    }
    throw error;
  }
};

/** Undefined if there is nothing. */
export const lookAt = async (
  place: Place,
  name: string,
): Promise<Stats | undefined> => {
  try {
    const found = await lstat(place.pathOf(name));
    await place.verify();
    return found;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
};

const insistNoLink = async (path: string): Promise<void> => {
  if ((await lstat(path)).isSymbolicLink()) {
    throw new FileProblem('is a symbolic link');
  }
};

const placeByDescriptor = (handle: FileHandle, path: string): Place => ({
  handle,
  path,
  pathOf: (name) => `${DESCRIPTORS}/${handle.fd}/${name}`,
  verify: async () => undefined,
});

const placeByPath = (handle: FileHandle, path: string): Place => ({
  handle,
  path,
  pathOf: (name) => join(path, name),
  verify: async (opened) => {
    const isWhole =
      (await isAt(handle, path)) &&
      (await realpath(path)) === path &&
      (opened === undefined ||
        (await isAt(opened.handle, join(path, opened.name))));
    if (!isWhole) {
      throw new FileProblem('was changed while it was used');
    }
  },
});

const isAt = async (handle: FileHandle, path: string): Promise<boolean> => {
  const [opened, found] = [await handle.stat(), await lstat(path)];
  return opened.ino === found.ino && opened.dev === found.dev;
};
