/** The daemon's log as the subscriptions see it; whoever serves the engine brings it. */
import type { Occurrence, Watch } from '../watch.ts';

/** The number of a line, in one run of the daemon. */
export type LogPlace = Readonly<{ run: string; line: number }>;

/** `type` is the level of the line, or `gap` where there were more. */
export type LogEvent = Occurrence<LogPlace, 'log'>;

export type LogSource = Readonly<{
  watch(
    options: Readonly<{
      /** Only lines of this level and above; by default all that are logged. */
      level?: 'debug' | 'info' | 'warn' | 'error';
      /** By default, what is logged from now on. */
      from?: LogPlace | 'oldest';
    }>,
    onEvent: (event: LogEvent) => void,
  ): Watch<LogPlace>;
}>;
