/** How a command that goes on until it is told to stop is told to: Ctrl-C or SIGTERM. */
import type { Context } from './context.ts';

export const stopSignal = (
  context: Pick<Context, 'catchInterrupt'>,
): AbortSignal => {
  const terminated = new AbortController();
  // Once: a second one ends the process, whatever the command is doing.
  process.once('SIGTERM', () => terminated.abort());
  return AbortSignal.any([context.catchInterrupt(), terminated.signal]);
};
