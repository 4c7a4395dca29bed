/** The little Markdown that the reference documents are made of. */

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/gu, ' ');

export const table = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string =>
  [titles, titles.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
    .join('\n');

/** Text in which nothing is Markdown. */
export const code = (text: string): string =>
  text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;

export const block = (language: string, text: string): string =>
  `\`\`\`${language}\n${text}\n\`\`\``;

/** The parts of a page; the first line says where it comes from. */
export const page = (source: string, parts: readonly string[]): string =>
  [
    `<!-- Written by \`npm run reference\` from ${source}. Change that, not this. -->`,
    ...parts,
  ].join('\n\n');
