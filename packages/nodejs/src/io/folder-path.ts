/** The one door for the paths that vats give to a folder channel. */

/** Files that are not finished yet have such names; vats do not see them. */
export const UNFINISHED = '.ocap-unfinished-';

const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/**
 * The names on the way from the root of the channel. There is one way only to
 * write each path, so that nothing has to be resolved. Throws with what is wrong.
 */
export const parseFolderPath = (path: string): readonly string[] => {
  const refuse = (problem: string): Error =>
    Error(`the path ${show(path)} ${problem}`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw refuse(`is longer than ${MAX_PATH_BYTES} bytes`);
  }
  if (!path.isWellFormed() || path.includes('\0')) {
    throw refuse('has characters that no file name has');
  }
  if (path.includes('\\')) {
    throw refuse('has a backslash: names are separated by "/"');
  }
  if (path.startsWith('/')) {
    throw refuse('is absolute: paths begin in the folder of the channel');
  }
  const names = path.split('/');
  for (const name of names) {
    if (name === '' || name === '.' || name === '..') {
      throw refuse(
        'is not a path of names: "", "." and ".." are none, and there is no "/" at the end',
      );
    }
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
      throw refuse(`has a name of more than ${MAX_NAME_BYTES} bytes`);
    }
    if (name.startsWith(UNFINISHED)) {
      throw refuse(`has a name that begins with ${UNFINISHED}`);
    }
  }
  return names;
};

const show = (path: string): string =>
  JSON.stringify(path.length > 100 ? `${path.slice(0, 100)}…` : path);
