/**
 * One message a line, JSON in UTF-8: the framing of the daemon's socket and of
 * the pipes to vat hosts. The decoder works on bytes, because a chunk may end
 * in the middle of a character, and lines may be large or arrive byte by byte.
 */
const NEWLINE = 10;

// A connection that once sent a large line should not hold on to that much memory.
const KEEP_BYTES = 64 * 1024;

/** Why a stream of lines cannot be read any further. */
export type LineProblem = 'too long' | 'not UTF-8';

export type DecodedLines = Readonly<{
  /** Complete lines, without their newline. */
  lines: readonly string[];
  /** Set once and for ever: what comes after it cannot be told apart. */
  problem?: LineProblem;
}>;

export type LineDecoder = Readonly<{
  /** The lines that this chunk completes. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): DecodedLines;
  /** The stream has ended: the last line, if it had no newline. */
  end(): DecodedLines;
  /** Bytes held of the line that is not complete yet. */
  heldBytes(): number;
}>;

/**
 * Decodes lines of at most `maxLineBytes` (without the newline). A longer one
 * is a problem as soon as the cap is exceeded, and nothing of it is kept.
 */
export const makeLineDecoder = ({
  maxLineBytes,
}: Readonly<{ maxLineBytes: number }>): LineDecoder => {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  // Grows by doubling, so that a line costs linear time and at most twice its
  // size however small the chunks are. A list of chunks would cost a hundred
  // times the line when a client sends single bytes. `transfer` frees what was
  // outgrown at once; garbage would stay until somebody collects it.
  let held = new Uint8Array(new ArrayBuffer(0));
  let used = 0;
  let problem: LineProblem | undefined;

  const hold = (bytes: Uint8Array): void => {
    if (used + bytes.length > held.length) {
      const size = Math.min(
        Math.max(2 * held.length, used + bytes.length, 1024),
        maxLineBytes,
      );
      held = new Uint8Array(held.buffer.transfer(size));
    }
    held.set(bytes, used);
    used += bytes.length;
  };

  const release = (): void => {
    used = 0;
    if (held.length > KEEP_BYTES || problem) {
      held = new Uint8Array(held.buffer.transfer(0));
    }
  };

  /** Ends the line that `tail` completes. */
  const complete = (tail: Uint8Array, lines: string[]): void => {
    if (used + tail.length > maxLineBytes) {
      problem = 'too long';
    } else {
      let line = tail;
      if (used > 0) {
        hold(tail);
        line = held.subarray(0, used);
      }
      try {
        lines.push(utf8.decode(line));
      } catch {
        problem = 'not UTF-8';
      }
    }
    release();
  };

  const decoded = (lines: string[]): DecodedLines =>
    problem === undefined ? { lines } : { lines, problem };

  return {
    push: (chunk) => {
      const lines: string[] = [];
      let start = 0;
      while (problem === undefined && start < chunk.length) {
        const end = chunk.indexOf(NEWLINE, start);
        if (end >= 0) {
          complete(chunk.subarray(start, end), lines);
          start = end + 1;
        } else if (used + chunk.length - start > maxLineBytes) {
          problem = 'too long';
          release();
        } else {
          hold(chunk.subarray(start));
          start = chunk.length;
        }
      }
      return decoded(lines);
    },
    end: () => {
      const lines: string[] = [];
      if (used > 0) complete(new Uint8Array(0), lines);
      return decoded(lines);
    },
    heldBytes: () => used,
  };
};

/** One message as a line. JSON escapes newlines, so the frame is always whole. */
export const encodeLine = (message: object): string =>
  `${JSON.stringify(message)}\n`;
