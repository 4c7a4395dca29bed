/**
 * What `ocap serve` gives for the path of a request: a bundle or a cluster
 * config that lies within the folder, and nothing else.
 */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { limits } from '@ocap/kernel-utils';
import { isRecord } from '@ocap/nodejs/absolute-specs';

export type Served =
  | Readonly<{ status: 200; body: Buffer }>
  | Readonly<{ status: 400 | 403 | 404; why: string }>;

const notThere = { status: 404, why: 'there is no such file' } as const;
const outside = { status: 403, why: 'that is not in the folder' } as const;
const otherFile = {
  status: 404,
  why: 'only bundles (.bundle) and cluster configs (.json) are served',
} as const;

/** `root` is a real path; `target` is that of the request line, as it came. */
export const readServedFile = async (
  root: string,
  target: string,
): Promise<Served> => {
  const segments = segmentsOf(target);
  if (segments === undefined) {
    return { status: 400, why: 'the path is not valid' };
  }
  if (segments.some((segment) => /^\.|[\\/\0]/u.test(segment))) {
    return outside;
  }
  const path = join(root, ...segments);
  if (!isServed(path)) {
    return otherFile;
  }
  const real = await realpathOf(path);
  if (real === undefined) {
    return notThere;
  }
  // Where links lead counts: out of the folder, or to a file of another kind.
  if (!isWithin(root, real)) {
    return outside;
  }
  return isServed(real) ? read(real) : otherFile;
};

/** Decoded; `undefined` if the target is no path. A slash may still be hidden in a segment. */
const segmentsOf = (target: string): string[] | undefined => {
  const [path = ''] = target.split(/[?#]/u);
  if (!path.startsWith('/')) {
    return undefined;
  }
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return undefined; // "%" with something else behind it than two hex digits.
  }
};

const isServed = (path: string): boolean =>
  ['.bundle', '.json'].includes(extname(path));

const isWithin = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return !isAbsolute(way) && !way.split(sep).some((part) => /^\./u.test(part));
};

const realpathOf = async (path: string): Promise<string | undefined> => {
  try {
    return await realpath(path);
  } catch {
    return undefined; // Not there, not for us, or links in a circle: no file.
  }
};

const read = async (path: string): Promise<Served> => {
  // Not to follow a link that was put there just now, nor to wait at a pipe.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const about = await file.stat();
    if (!about.isFile() || about.size > limits.bundleBytes.value) {
      return notThere;
    }
    const body = await file.readFile();
    return extname(path) === '.bundle' || isClusterConfig(body)
      ? { status: 200, body }
      : otherFile;
  } finally {
    await file.close();
  }
};

/** A folder has other JSON files, and who serves bundles may not think of them. */
const isClusterConfig = (body: Buffer): boolean => {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return (
      isRecord(value) &&
      typeof value['bootstrap'] === 'string' &&
      isRecord(value['vats'])
    );
  } catch {
    return false; // Not JSON, whatever its name says.
  }
};
