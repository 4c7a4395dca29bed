/** Listens at a socket file that nobody but its owner can use, from the first instant on. */
import { lstat, mkdir, rm, stat } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { codeOf, FileProblem, fileProblem } from './file-problem.ts';

// sun_path of the operating system, less the zero that ends it.
const MAX_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/**
 * Rejects with a reason for people. A socket file at which nobody listens any
 * more is replaced; anything else that is there stays.
 */
export const listenPrivately = async (
  server: Server,
  path: string,
  shown: string,
): Promise<void> => {
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    throw Error(
      `${shown} is too long for a socket: its whole path has ${bytes} bytes, and the operating system takes ${MAX_PATH_BYTES}`,
    );
  }
  try {
    await prepareFolder(dirname(path), dirname(shown));
    await removeStale(path);
    await listen(server, path);
  } catch (error) {
    throw fileProblem(error, shown);
  }
};

/** In a folder that others can write to, they could put a socket of theirs in its place. */
const prepareFolder = async (folder: string, shown: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(folder);
  const isOurs = [process.getuid?.(), 0].includes(uid);
  const isSticky = (mode & 0o1000) !== 0;
  if (!isOurs || ((mode & 0o022) !== 0 && !isSticky)) {
    throw Error(
      `the folder ${shown} can be changed by other users: use one of your own`,
    );
  }
};

const removeStale = async (path: string): Promise<void> => {
  try {
    if (!(await lstat(path)).isSocket()) {
      throw new FileProblem('exists and is not a socket');
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return;
    }
    throw error;
  }
  if (await isAnswered(path)) {
    throw new FileProblem('is taken: another program listens there');
  }
  await rm(path, { force: true });
};

const isAnswered = async (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => {
      if (['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')) {
        resolve(false);
      } else {
        reject(error);
      }
    });
  });

/** The mask holds while the file is made, which `listen` does before it returns. */
const listen = async (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
