/** What a daemon tells, in one line over a pipe, to whoever started it. */
import { closeSync, writeSync } from 'node:fs';

export type Readiness =
  | Readonly<{ ready: true; pid: number }>
  /** Another process has the lock; it may still be starting. */
  | Readonly<{ already: true; pid?: number | undefined }>
  | Readonly<{ problem: string }>;

/** The child is a program of ours, but it may have been killed in mid-sentence. */
export const parseReadiness = (line: string): Readiness => {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said === 'object' && said !== null) {
      if ('ready' in said || 'already' in said || 'problem' in said) {
        return said as Readiness;
      }
    }
  } catch {
    // Told below.
  }
  return { problem: 'it ended before it was ready' };
};

/** One line to whoever started this process (it listens at `fd`), once. */
export const makeReport = (
  fd: string | undefined,
): ((said: Readiness) => void) => {
  let open = fd === undefined ? undefined : Number(fd);
  return (said) => {
    if (open === undefined) return;
    const to = open;
    open = undefined;
    try {
      writeSync(to, `${JSON.stringify(said)}\n`);
      closeSync(to);
    } catch {
      // Nobody waits for it any more.
    }
  };
};
