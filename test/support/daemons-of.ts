/** The daemons that run for a home, by their command lines: it should be one at most. */
import { readdirSync, readFileSync } from 'node:fs';

/** Their pids, also of one that has just been told that another has the lock. Needs `/proc`. */
export const daemonsOf = (dir: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return (
          words.includes(dir) &&
          words.some((word) => word.endsWith('/daemon.mjs'))
        );
      } catch {
        return false; // It has ended since.
      }
    });
