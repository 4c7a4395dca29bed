/** What happened in a run, as a hash to compare and, on request, as lines to read. */
import { createHash } from 'node:crypto';

export type Trace = Readonly<{
  /** `detail` counts for the hash; of what is printed only its beginning is shown. */
  note(text: string, detail?: string): void;
  /** Hex; of everything noted so far. */
  hash(): string;
  lines: readonly string[];
}>;

const SHOWN_CHARS = 200;

export const makeTrace = (now: () => number, isKept: boolean): Trace => {
  const digest = createHash('sha256');
  const lines: string[] = [];
  return {
    note: (text, detail = '') => {
      const line = `${String(now()).padStart(6)} ${text}`;
      digest.update(`${line} ${detail}\n`);
      if (isKept) {
        lines.push(`${line} ${detail.slice(0, SHOWN_CHARS)}`.trimEnd());
      }
    },
    hash: () => digest.copy().digest('hex'),
    lines,
  };
};
