/**
 * A file that grows to a size and then begins anew, keeping a few old ones
 * (`daemon.log.1` is the youngest). A disk that is full costs log lines, never
 * the daemon.
 */
import {
  closeSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

const MAX_BYTES = 16 * 1024 * 1024;
const OLD_FILES = 3;

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
    const bytes = Buffer.byteLength(line);
    fd ??= open();
    if (size > 0 && size + bytes > maxBytes) {
      rotate();
      fd = open();
    }
    writeSync(fd, line);
    size += bytes;
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
