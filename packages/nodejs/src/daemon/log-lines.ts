/**
 * The newest lines of the log in memory, for those who subscribe to it. As long
 * as nobody does, a line costs no more than being remembered: it is read only
 * for whoever is told of it.
 */
import { randomBytes } from 'node:crypto';
import type { LogEvent, LogPlace, LogSource } from '@ocap/kernel/rpc';
import { limits, type Json } from '@ocap/kernel-utils';
import type { LogLevel } from './logs.ts';

type LogLines = LogSource & Readonly<{ add(line: string): void }>;

type Line = Readonly<{
  number: number;
  at: number;
  level: LogLevel;
  about: LogEvent['about'];
}>;

const severity = { debug: 0, info: 1, warn: 2, error: 3 } as const;

export const makeLogLines = (
  max: number = limits.logLinesKept.value,
): LogLines => {
  /** The numbers of lines mean nothing in another run of the daemon. */
  const run = randomBytes(4).toString('hex');
  const kept = new Map<number, string>();
  const listeners = new Set<(line: Line) => void>();
  let newest = 0;

  const add = (text: string): void => {
    newest += 1;
    kept.set(newest, text);
    kept.delete(newest - max);
    if (listeners.size > 0) {
      const line = readLine(newest, text);
      listeners.forEach((listener) => listener(line));
    }
  };

  /** The place before the oldest line that is kept. */
  const oldest = (): LogPlace => ({ run, line: newest - kept.size });

  const watch: LogSource['watch'] = ({ level = 'debug', from }, onEvent) => {
    const start = from === 'oldest' ? oldest() : from;
    let place = start ?? { run, line: newest };

    const tell = ({ number, at, level: type, about }: Line): void => {
      place = { run, line: number };
      if (severity[type] >= severity[level]) {
        onEvent({ place, at, topic: 'log', type, about });
      }
    };

    const skip = (reason: string): void => {
      place = oldest();
      const about = { reason };
      onEvent({ place, at: Date.now(), topic: 'log', type: 'gap', about });
    };

    return {
      from: place,
      begin: () => {
        if (place.run !== run || place.line > newest) {
          skip('the daemon was restarted');
        } else if (place.line < oldest().line) {
          skip('older lines are no longer kept');
        }
        const { line: told } = place;
        for (const [number, text] of kept) {
          if (number > told) {
            tell(readLine(number, text));
          }
        }
        listeners.add(tell);
      },
      end: () => {
        listeners.delete(tell);
      },
    };
  };

  return { watch, add };
};

/** A line that this process has made. */
const readLine = (number: number, text: string): Line => {
  const { time, level, msg, ...fields } = JSON.parse(text) as Readonly<{
    time: string;
    level: LogLevel;
    msg: string;
  }> &
    Readonly<Record<string, Json>>;
  const more = Object.keys(fields).length > 0 ? { fields } : {};
  return {
    number,
    at: Date.parse(time),
    level,
    about: { message: msg, ...more },
  };
};
