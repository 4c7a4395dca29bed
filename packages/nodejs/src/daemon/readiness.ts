/** What a daemon tells, in one line over a pipe, to whoever started it. */
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
