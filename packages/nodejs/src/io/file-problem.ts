/**
 * What is wrong with a file, in words, and without the path that the system was
 * asked for: a vat is to see the path that it knows.
 */

/** Its message is said of a file: "is a symbolic link". */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be used by the daemon',
  EPERM: 'may not be used by the daemon',
  EROFS: 'is on a disk that cannot be written',
  EISDIR: 'is a folder',
  ENOTDIR: 'is not a folder, or lies below something that is not',
  ELOOP: 'is a symbolic link',
  EEXIST: 'exists already',
  ENOTEMPTY: 'is not empty',
  ENOSPC: 'does not fit on the disk',
  EDQUOT: 'does not fit on the disk',
  EMFILE: 'cannot be opened: the daemon has too many files open',
  ENXIO: 'is not an ordinary file',
  ENAMETOOLONG: 'has too long a name',
};

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

/** `shown`: as whoever asked calls it. What is not about a file is returned as it is. */
export const fileProblem = (error: unknown, shown: string): unknown => {
  if (error instanceof FileProblem) {
    return Error(`${shown} ${error.message}`);
  }
  const code = codeOf(error);
  return code !== undefined && error instanceof Error && 'syscall' in error
    ? Error(`${shown} ${words[code] ?? `cannot be used (${code})`}`)
    : error;
};
