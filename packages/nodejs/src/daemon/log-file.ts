/**
 * A file that grows to a size and then begins anew, keeping a few old ones
 * (`daemon.log.1` is the youngest). A disk that is full costs log lines, never
 * the daemon, and never half a line; where files may not grow so large
 * (`ulimit -f`), it begins anew earlier.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { systemCodeOf } from '../client/errors.ts';

// 45 MiB in all.
const MAX_BYTES = 9 * 1024 * 1024;
const OLD_FILES = 4;

export type LogFile = Readonly<{ write(line: string): void; close(): void }>;

type Rotation = Readonly<{ maxBytes?: number; oldFiles?: number }>;

export const openLogFile = (
  path: string,
  { maxBytes = MAX_BYTES, oldFiles = OLD_FILES }: Rotation = {},
): LogFile => {
  let fd: number | undefined;
  let size = 0;
  let lost = 0;

  const open = (): number => {
    const opened = openSync(path, 'a', 0o600);
    size = fstatSync(opened).size;
    return opened;
  };

  const close = (): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };

  const rotate = (): void => {
    close();
    rmSync(`${path}.${oldFiles}`, { force: true });
    for (let old = oldFiles - 1; old >= 0; old -= 1) {
      const from = old === 0 ? path : `${path}.${old}`;
      try {
        renameSync(from, `${path}.${old + 1}`);
      } catch {
        // There are fewer old files so far.
      }
    }
  };

  const append = (line: string): void => {
    const bytes = Buffer.from(line);
    fd ??= open();
    if (size > 0 && size + bytes.length > maxBytes) {
      rotate();
      fd = open();
    }
    try {
      writeWhole(fd, bytes);
    } catch (error) {
      // As long as this file may be; the next one begins at 0.
      if (systemCodeOf(error) !== 'EFBIG' || size === 0) throw error;
      rotate();
      fd = open();
      writeWhole(fd, bytes);
    }
    size += bytes.length;
  };

  return {
    write: (line) => {
      try {
        if (lost > 0) {
          const msg = `${lost} log lines were lost: they could not be written.`;
          append(`${JSON.stringify({ level: 'warn', msg })}\n`);
          lost = 0;
        }
        append(line);
      } catch {
        // A full disk, or the file may not be opened: told once it works again.
        lost += 1;
      }
    },
    close,
  };
};

/** All of it or nothing. @throws what the operating system says, also after a part of it */
const writeWhole = (fd: number, bytes: Buffer): void => {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch (error) {
    // What is left of the line would spoil the next one, too.
    if (written > 0) ftruncateSync(fd, fstatSync(fd).size - written);
    throw error;
  }
};
