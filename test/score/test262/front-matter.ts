/**
 * What a file of test262 says about itself: in the comment at its beginning, and
 * in the line before it that Mozilla's copies have for their own runner.
 */

export type FrontMatter = Readonly<{
  flags: readonly string[];
  features: readonly string[];
  includes: readonly string[];
  /** The name of the error that the file must end with, and when. */
  negative?: Readonly<{ type: string; phase: string }>;
  /** The words of the line `// |reftest| …`, without what follows `--`. */
  reftest: string;
}>;

const COMMENT = /\/\*---\r?\n([\s\S]*?)---\*\//u;

export const parseFrontMatter = (text: string): FrontMatter => {
  const lines = linesOf(COMMENT.exec(text)?.[1] ?? '');
  const negative = insideOf('negative', lines);
  const [, reftest = ''] = /^\/\/ \|reftest\| ([^\n]*)/u.exec(text) ?? [];
  return {
    flags: listOf('flags', lines),
    features: listOf('features', lines),
    includes: listOf('includes', lines),
    ...(negative.length === 0
      ? {}
      : {
          negative: {
            type: valueOf('type', negative),
            phase: valueOf('phase', negative),
          },
        }),
    reftest: reftest.split(' -- ', 1)[0]?.trim() ?? '',
  };
};

/**
 * The text without that comment: prose, in which the evaluators of SES, which do
 * not parse, would see expressions that they refuse.
 */
export const withoutFrontMatter = (text: string): string =>
  text.replace(COMMENT, '');

/** Without the indentation that some files give to all of it. */
const linesOf = (comment: string): readonly string[] => {
  const [indentation = ''] = /^[ \t]*/u.exec(comment) ?? [];
  return comment
    .split(/\r?\n/u)
    .map((line) =>
      line.startsWith(indentation) ? line.slice(indentation.length) : line,
    );
};

/** The indented lines that follow a key. */
const insideOf = (key: string, lines: readonly string[]): readonly string[] => {
  const after = lines.slice(lines.findIndex(isKey(key)) + 1);
  if (after.length === lines.length) return [];
  const end = after.findIndex((line) => !/^\s+\S|^\s*$|^- /u.test(line));
  return end === -1 ? after : after.slice(0, end);
};

const isKey =
  (key: string) =>
  (line: string): boolean =>
    line.startsWith(`${key}:`);

const valueOf = (key: string, lines: readonly string[]): string => {
  const [, value = ''] =
    lines
      .map((line) => /^\s*(\w+):\s*(\S+)/u.exec(line))
      .find((found) => found?.[1] === key)
      ?.slice(1) ?? [];
  return value;
};

/** In brackets, or an item a line. */
const listOf = (key: string, lines: readonly string[]): readonly string[] => {
  const first = lines.find(isKey(key))?.slice(key.length + 1) ?? '';
  const words = [first, ...insideOf(key, lines)].join(' ');
  return words.split(/[\s,[\]]+/u).filter((word) => /^[^-]/u.test(word));
};
