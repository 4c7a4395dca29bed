/** A channel of type `console`: lines for the daemon's log, capped as those of a vat's console. */
import { makeConsoleCap, type IoChannel } from '@ocap/kernel';
import type { LimitValues, Logger } from '@ocap/kernel-utils';

export const makeConsoleChannel = ({
  name,
  subclusterId,
  logger,
  limits,
  now,
}: Readonly<{
  name: string;
  subclusterId: string;
  logger: Logger;
  limits: LimitValues;
  /** Monotonic ms. */
  now: () => number;
}>): Required<Pick<IoChannel, 'write' | 'close'>> => {
  const { consoleLineBytes: lineChars, consoleLinesPerDelivery } = limits;
  const cap = makeConsoleCap({ now }, limits);
  const fields = { subcluster: subclusterId, channel: name };
  const warnDropped = (count: number): void => {
    if (count > 0) {
      logger.warn(`${count} more lines of the channel were dropped`, fields);
    }
  };

  const log = (line: string): void => {
    const text =
      line.length > lineChars
        ? `${line.slice(0, lineChars)}… (${line.length - lineChars} more)`
        : line;
    const { allowed, suppressed } = cap.take(name, text.length);
    if (allowed) {
      warnDropped(suppressed);
      logger.info(text, fields);
    }
  };

  return {
    write: async (text = '') => {
      const lines = text.replace(/\r?\n$/u, '').split(/\r?\n/u);
      lines.slice(0, consoleLinesPerDelivery).forEach(log);
      warnDropped(lines.length - consoleLinesPerDelivery);
    },
    close: async () => undefined,
  };
};
