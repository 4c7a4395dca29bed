/**
 * Makes text from a vat safe to write to a terminal, which would obey the
 * escape sequences in it: move the cursor, rewrite lines, set the title.
 */

// Controls but for tab and line feed, and the marks that reverse text direction.
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The same text with control characters written as `\x1b`. Line breaks stay. */
export const printable = (text: string): string =>
  text.replace(unsafe, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length > 2
      ? `\\u${code.padStart(4, '0')}`
      : `\\x${code.padStart(2, '0')}`;
  });
