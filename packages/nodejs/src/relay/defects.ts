/**
 * What becomes of an error that nobody has caught. A relay holds nothing that
 * could be spoilt and talks to strangers all day: if one of them finds a way to
 * make a library throw, that must not end the relay for all the others. So it
 * goes on, and says so in its log, once a minute at most.
 */
import type { Logger } from '@ocap/kernel-utils';

const QUIET_MS = 60_000;

export const makeDefectLog = (
  logger: Logger,
  now: () => number = () => performance.now(),
): ((err: unknown) => void) => {
  let quietUntil = -Infinity;
  let untold = 0;
  return (err) => {
    if (now() < quietUntil) {
      untold += 1;
      return;
    }
    logger.error('A defect was met; the relay goes on.', {
      err,
      ...(untold > 0 ? { untoldBefore: untold } : {}),
    });
    quietUntil = now() + QUIET_MS;
    untold = 0;
  };
};
