/**
 * Text that SES refuses to evaluate, wherever it stands, because some parsers
 * would read it as something else. Found here, at bundling, with a line to look
 * at, instead of at launch. The patterns are those of `ses`.
 */
export type RefusedText = Readonly<{
  what: string;
  line: number;
  text: string;
}>;

const patterns: readonly (readonly [string, RegExp])[] = [
  ['"<!--" or "-->", even in a string', /<!--|-->/u],
  ['"import(", even in a string', /(?:^|[^.]|\.\.\.)\bimport\s*(?:\(|\/[/*])/u],
  ['"eval(", even in a string', /(?:^|[^.])\beval\s*\(/u],
];

const SHOWN_CHARS = 80;

export const findRefusedText = (code: string): RefusedText | undefined => {
  for (const [what, pattern] of patterns) {
    const found = pattern.exec(code);
    if (found !== null) {
      // The match may begin with the character before, which may be a line end.
      const end = found.index + found[0].length;
      const line = code.slice(0, end).split('\n').length;
      const text = (code.split('\n')[line - 1] ?? '').trim();
      return { what, line, text: text.slice(0, SHOWN_CHARS) };
    }
  }
  return undefined;
};
