/**
 * Whether text that claims to be JSON can be read at a bearable cost. Parsing
 * costs by what a text consists of, far more than by its length: one pass over
 * it, in which long strings are skipped, is cheap and takes no memory.
 */
export type JsonBounds = Readonly<{
  /** Lists and records within each other. */
  levels: number;
  /**
   * Opening brackets, commas and colons: about the values and keys in it. There
   * may be 16 other characters for each outside of strings: digits, spaces.
   */
  parts: number;
  /** Characters of a string that begins with a sign: to smallcaps it is a bigint. */
  digits?: number;
}>;

const OTHERS = 16;

/** Which bound the text goes beyond; undefined if none, whether or not it is JSON. */
export const boundExceeded = (
  text: string,
  { levels, parts, digits = Infinity }: JsonBounds,
  start = 0,
): keyof JsonBounds | undefined => {
  let level = 0;
  let part = 0;
  let others = 0;
  for (let at = start; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at + 1);
        if (end - at > digits && isSigned(text, at + 1)) {
          return 'digits';
        }
        at = end;
        break;
      }
      case OPEN_LIST:
      case OPEN_RECORD:
        level += 1;
        part += 1;
        break;
      case CLOSE_LIST:
      case CLOSE_RECORD:
        level -= 1;
        break;
      case COMMA:
      case COLON:
        part += 1;
        break;
      default:
        others += 1;
    }
    if (level > levels) {
      return 'levels';
    }
    if (part > parts || others > OTHERS * Math.max(parts, 1)) {
      return 'parts';
    }
  }
  return undefined;
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_RECORD = 0x7b;
const CLOSE_RECORD = 0x7d;

/** After so many characters without an escape, it is worth it to search. */
const STEPS = 32;

/** The index of the closing quote of the string whose text begins at `from`. */
const endOfString = (text: string, from: number): number => {
  for (let at = from; ;) {
    for (const stop = at + STEPS; at < stop; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE || Number.isNaN(code)) {
        return at;
      }
      if (code === BACKSLASH) {
        at += 1;
      }
    }
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      return text.length;
    }
    if (!isEscaped(text, quote, at)) {
      return quote;
    }
    at = quote + 1;
  }
};

/** Whether an odd number of backslashes comes before it, counted from `from`. */
const isEscaped = (text: string, quote: number, from: number): boolean => {
  let at = quote;
  while (at > from && text.charCodeAt(at - 1) === BACKSLASH) {
    at -= 1;
  }
  return (quote - at) % 2 === 1;
};

/** `+`, `-`, or an escape of one of those that need none. */
const isSigned = (text: string, at: number): boolean =>
  text[at] === '+' || text[at] === '-' || text.startsWith('\\u002', at);
