/** `ocap daemon identity backup`: the key as words, from its file to the terminal. */
import { backUpIdentity } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Style } from '../style.ts';
import { whyNotSecret } from '../stdout-secrecy.ts';

const COLUMNS = 4;

export const identityBackup: Command = async (_args, context) => {
  const { home, env } = context;
  const where = whyNotSecret({ env, home });
  if (where !== undefined) {
    throw new CliError('PHRASE_TO_LOG', { where });
  }
  const { peerId, phrase } = await backUpIdentity({ home });
  return {
    json: { peerId, phrase },
    text: (style) => `${wordsText(phrase.split(' '), style)}`,
    notes: [
      `these words are the identity ${peerId}\nwhoever reads them can pass for this daemon: write them on paper, and clear the screen\nto bring it back:  ocap daemon identity restore`,
    ],
  };
};

/** Numbered, and read column by column. */
const wordsText = (words: readonly string[], style: Style): string => {
  const rows = Math.ceil(words.length / COLUMNS);
  const width = Math.max(...words.map(({ length }) => length)) + 2;
  return Array.from({ length: rows }, (_row, row) =>
    Array.from({ length: COLUMNS }, (_column, column) => {
      const at = column * rows + row;
      const word = words[at] ?? '';
      return `${style.dim(String(at + 1).padStart(4))} ${word.padEnd(width)}`;
    })
      .join('')
      .trimEnd(),
  ).join('\n');
};
