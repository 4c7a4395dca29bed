/** Bytes of a text as a string of JSON in UTF-8, without its quotes. */
export const jsonBytes = (text: string): number => {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c) {
      bytes += 2;
    } else if (code < 0x20) {
      bytes += shortEscapes.includes(code) ? 2 : 6;
    } else if (code < 0x80) {
      bytes += 1;
    } else if (code < 0x800) {
      bytes += 2;
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes += 3;
    } else if (isPair(text, at)) {
      bytes += 4;
      at += 1;
    } else {
      bytes += 6; // half of a character is written as an escape
    }
  }
  return bytes;
};

/** Backspace, tab, line feed, form feed, carriage return. */
const shortEscapes: readonly number[] = [0x08, 0x09, 0x0a, 0x0c, 0x0d];

const isPair = (text: string, at: number): boolean => {
  const next = text.charCodeAt(at + 1);
  return text.charCodeAt(at) < 0xdc00 && next >= 0xdc00 && next <= 0xdfff;
};
