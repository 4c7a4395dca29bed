/** One line in, one line out, on any stream: for small clients, fakes and IO channels. */
import type { Duplex } from 'node:stream';
import { limits } from '@ocap/kernel-utils';
import { DaemonError } from '../client/errors.ts';

const NEWLINE = 10;

type ReadLineOptions = Readonly<{
  timeoutMs?: number;
  maxLineBytes?: number;
}>;

/**
 * Resolves to the next line, without its newline. What came after it stays in
 * the stream for the next call; so does half a line if the call rejects
 * (LINE_TIMEOUT, LINE_CLOSED, LINE_TOO_LONG, or the stream's own error).
 */
export const readLine = async (
  stream: Duplex,
  { timeoutMs, maxLineBytes = limits.lineBytes.value }: ReadLineOptions = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const taken: Buffer[] = [];
    let bytes = 0;

    const stop = (): void => {
      clearTimeout(timer);
      stream.off('readable', take);
      stream.off('error', fail);
      stream.off('end', ended);
      stream.off('close', ended);
    };
    const fail = (error: Error): void => {
      stop();
      if (bytes > 0 && stream.readable) stream.unshift(Buffer.concat(taken));
      reject(error);
    };
    const ended = (): void => fail(new DaemonError('LINE_CLOSED'));

    const take = (): void => {
      for (;;) {
        const chunk: unknown = stream.read();
        if (chunk === null) return;
        const buffer = Buffer.from(chunk as Uint8Array | string);
        const newline = buffer.indexOf(NEWLINE);
        const end = newline < 0 ? buffer.length : newline;
        taken.push(newline < 0 ? buffer : buffer.subarray(0, newline));
        bytes += end;
        if (bytes > maxLineBytes) {
          taken.splice(-1, 1, buffer);
          fail(new DaemonError('LINE_TOO_LONG', { max: maxLineBytes }));
          return;
        }
        if (newline >= 0) {
          stop();
          const rest = buffer.subarray(newline + 1);
          if (rest.length > 0) stream.unshift(rest);
          resolve(Buffer.concat(taken).toString('utf8'));
          return;
        }
      }
    };

    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            fail(new DaemonError('LINE_TIMEOUT', { ms: timeoutMs }));
          }, timeoutMs);
    stream.on('readable', take);
    stream.on('error', fail);
    stream.on('end', ended);
    stream.on('close', ended);
    if (stream.destroyed || stream.readableEnded) ended();
    else take();
  });

/** Resolves when the operating system has taken the line. */
export const writeLine = async (
  stream: Duplex,
  line: string,
): Promise<void> => {
  if (line.includes('\n')) throw new DaemonError('LINE_BROKEN');
  return new Promise((resolve, reject) => {
    stream.write(`${line}\n`, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
};
