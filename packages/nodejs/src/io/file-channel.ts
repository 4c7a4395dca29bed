/**
 * A channel of type `file`: the lines of an ordinary file, one after the other,
 * or text that is put at its end. The operator has named the path, so it may
 * lead through links.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { IoChannel, IoSpec } from '@ocap/kernel';
import {
  makeInOrder,
  makeLineDecoder,
  type LimitValues,
  type LineProblem,
} from '@ocap/kernel-utils';
import { fileProblem } from './file-problem.ts';
import { lineProblem, withLineEnd, withoutReturn } from './lines.ts';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } =
  constants;
/** The daemon's folder is private, and so is what vats write into it. */
const MODE = 0o600;
const CHUNK_BYTES = 64 * 1024;

export const openFileChannel = async (
  {
    path,
    shown,
    access,
  }: Readonly<{
    /** Absolute. */
    path: string;
    /** As it stands in the config. */
    shown: string;
    access: (IoSpec & { type: 'file' })['access'];
  }>,
  { fresh, limits }: Readonly<{ fresh: boolean; limits: LimitValues }>,
): Promise<IoChannel> => {
  if (access === 'read') {
    return makeReader(await openOrdinary(path, shown, O_RDONLY), limits);
  }
  // Emptied once, at the launch; after that, and by a later daemon, added to.
  const truncate = access === 'write' && fresh ? O_TRUNC : 0;
  await (await openOrdinary(path, shown, APPEND | truncate)).close();
  return makeWriter(path, shown);
};

const APPEND = O_WRONLY | O_APPEND | O_CREAT;

/** Does not wait for the other end of a pipe, and takes no device for a file. */
const openOrdinary = async (
  path: string,
  shown: string,
  flags: number,
): Promise<FileHandle> => {
  try {
    const handle = await open(path, flags | O_NONBLOCK, MODE);
    if ((await handle.stat()).isFile()) {
      return handle;
    }
    await handle.close();
  } catch (error) {
    throw fileProblem(error, shown);
  }
  throw Error(`${shown} is not an ordinary file`);
};

const makeReader = (
  handle: FileHandle,
  { ioLineBytes: maxLineBytes }: LimitValues,
): Required<Pick<IoChannel, 'read' | 'close'>> => {
  const decoder = makeLineDecoder({ maxLineBytes });
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let lines: string[] = [];

  /** At the end, what there is of a last line; and again if the file has grown. */
  const readOn = async (): Promise<'more' | 'end' | LineProblem> => {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
    const more =
      bytesRead > 0
        ? decoder.push(buffer.subarray(0, bytesRead))
        : decoder.end();
    lines = more.lines.toReversed();
    return lines.length === 0 && more.problem !== undefined
      ? more.problem
      : bytesRead > 0 || lines.length > 0
        ? 'more'
        : 'end';
  };

  const read = async (): Promise<string | null> => {
    while (lines.length === 0) {
      const found = await readOn();
      if (found === 'end') {
        return null;
      }
      if (found !== 'more') {
        throw lineProblem(found, maxLineBytes);
      }
    }
    return withoutReturn(lines.pop() ?? '');
  };

  return {
    read: makeInOrder()(read),
    close: async () => handle.close(),
  };
};

/** Opens the file for every text, so that one that was moved away is made anew. */
const makeWriter = (
  path: string,
  shown: string,
): Required<Pick<IoChannel, 'write' | 'close'>> => ({
  write: makeInOrder()(async (text = '') => {
    const handle = await openOrdinary(path, shown, APPEND);
    try {
      await handle.appendFile(withLineEnd(text));
      await handle.datasync();
    } catch (error) {
      throw fileProblem(error, shown);
    } finally {
      await handle.close();
    }
  }),
  close: async () => undefined,
});
