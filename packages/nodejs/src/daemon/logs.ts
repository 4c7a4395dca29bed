/** The daemon's log: JSON lines in `daemon.log`, for people and for `ocap daemon logs`. */
import type { LogSource } from '@ocap/kernel/rpc';
import type { Logger } from '@ocap/kernel-utils';
import pino from 'pino';
import { openLogFile } from './log-file.ts';
import { makeLogLines } from './log-lines.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export type DaemonLogger = Logger &
  Readonly<{
    setLevel(level: LogLevel): void;
    /** The newest lines, and those to come. */
    lines: LogSource;
    close(): void;
  }>;

type LogOptions = Readonly<{ path: string; level?: LogLevel }>;

// Under SES lockdown errors show their stack to nobody but this function.
const stackOf = (error: Error): string | undefined => {
  const { getStackString } = globalThis as {
    getStackString?: (error: Error) => string;
  };
  return getStackString?.(error) ?? error.stack;
};

const serializeError = (thrown: unknown): unknown =>
  thrown instanceof Error
    ? {
        name: thrown.name,
        message: thrown.message,
        stack: stackOf(thrown),
        ...('code' in thrown ? { code: thrown.code } : {}),
        ...(thrown.cause === undefined
          ? {}
          : { cause: serializeError(thrown.cause) }),
      }
    : thrown;

/**
 * Writes synchronously: what was logged before a crash is in the file, and no
 * worker thread is needed. Errors go in the field `err`.
 */
export const makeLogger = ({
  path,
  level = 'info',
}: LogOptions): DaemonLogger => {
  const file = openLogFile(path);
  const lines = makeLogLines();
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    {
      write: (line: string) => {
        file.write(line);
        lines.add(line);
      },
    },
  );
  const report =
    (to: LogLevel): Logger['info'] =>
    (message, fields = {}) =>
      log[to](fields, message);

  return {
    debug: report('debug'),
    info: report('info'),
    warn: report('warn'),
    error: report('error'),
    setLevel: (next) => {
      log.level = next;
    },
    lines,
    close: file.close,
  };
};
