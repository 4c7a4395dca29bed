/**
 * Reads the lines of a file and, if asked, those that are added to it, across
 * rotation (another file takes its name) and truncation.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

type Options = Readonly<{
  path: string;
  follow: boolean;
  /** Of what is there already, only so many lines. */
  lastLines?: number;
  signal: AbortSignal;
  onLines: (lines: readonly string[]) => void;
}>;

/** Resolves to false if there is no such file; with `follow`, once the signal fires. */
export const followFile = async ({
  path,
  follow,
  lastLines,
  signal,
  onLines,
}: Options): Promise<boolean> => {
  let reader = await openReader(path);
  if (reader === undefined) {
    return false;
  }
  try {
    const there = await readAll(
      reader,
      signal,
      lastLines === undefined ? onLines : undefined,
    );
    if (lastLines !== undefined && lastLines > 0) {
      onLines(there.slice(-lastLines));
    }
    while (follow && !signal.aborted) {
      await pause(signal);
      await readAll(reader, signal, onLines);
      if (await reader.isReplaced()) {
        const next = await openReader(path);
        if (next !== undefined) {
          // The last lines may have come between the reading and the renaming.
          await readAll(reader, signal, onLines);
          await reader.close();
          reader = next;
        }
      }
    }
    return true;
  } finally {
    await reader.close();
  }
};

/** Ends early when the signal fires; the loop then sees it. */
const pause = async (signal: AbortSignal): Promise<void> => {
  try {
    await wait(POLL_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
};

/** Hands each batch to `onLines`, or collects all of them if it is absent. */
const readAll = async (
  reader: Reader,
  signal: AbortSignal,
  onLines: ((lines: readonly string[]) => void) | undefined,
): Promise<string[]> => {
  const collected: string[] = [];
  for (;;) {
    const lines = signal.aborted ? undefined : await reader.read();
    if (lines === undefined) {
      return collected;
    }
    if (onLines === undefined) {
      collected.push(...lines);
    } else if (lines.length > 0) {
      onLines(lines);
    }
  }
};

type Reader = Readonly<{
  /** The whole lines of the next chunk; `undefined` at the end for now. */
  read(): Promise<string[] | undefined>;
  isReplaced(): Promise<boolean>;
  close(): Promise<void>;
}>;

const openReader = async (path: string): Promise<Reader | undefined> => {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const { ino } = await handle.stat();
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let position = 0;
  // Bytes, not text: a chunk may end within a character.
  let rest = Buffer.alloc(0);
  return {
    read: async () => {
      if ((await handle.stat()).size < position) {
        position = 0;
        rest = Buffer.alloc(0);
      }
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) {
        return undefined;
      }
      position += bytesRead;
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf('\n') + 1;
      rest = bytes.subarray(end);
      const text = bytes.subarray(0, end).toString('utf8');
      return text.split('\n').slice(0, -1);
    },
    isReplaced: async () => {
      try {
        return (await stat(path)).ino !== ino;
      } catch {
        return false; // Gone for a moment, while it is rotated.
      }
    },
    close: async () => handle.close(),
  };
};
