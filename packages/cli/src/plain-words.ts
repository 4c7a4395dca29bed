/**
 * The command line without options other than `--json`, which is most of them:
 * the command is looked up in the tables. Loading yargs and setting it up takes
 * as long as starting Node does, and only options, help and completion need it.
 */
import { commandTree } from './command-tree.ts';
import {
  insistWords,
  isGroup,
  type CommandEntry,
  type CommandGroup,
  type CommandTree,
} from './command.ts';
import type { Request } from './parser.ts';

/** `undefined` if it takes the parser to understand this, or to say what is wrong. */
export const parsePlainWords = (
  argv: readonly string[],
): Request | undefined => {
  const plain = argv.filter((word, at) => !isJson(word, argv[at + 1]));
  if (plain.some((word) => word.startsWith('-'))) {
    return undefined;
  }
  let commands = commandTree;
  for (const [at, word] of plain.entries()) {
    const found = find(commands, word);
    if (found === undefined) {
      return undefined;
    }
    if (!isGroup(found)) {
      const path = ['ocap', ...plain.slice(0, at + 1)].join(' ');
      return request(found, path, plain.slice(at + 1));
    }
    commands = found.commands;
  }
  return undefined;
};

/** Every command has it, and it changes only how the answer is printed (`run.ts`). */
const isJson = (word: string, next: string | undefined): boolean =>
  word === '--json' && next !== 'true' && next !== 'false';

const find = (
  commands: CommandTree,
  name: string,
): CommandEntry | CommandGroup | undefined =>
  Object.hasOwn(commands, name)
    ? commands[name]
    : Object.values(commands).find(
        (entry) => !isGroup(entry) && entry.aliases?.includes(name),
      );

const request = (
  entry: CommandEntry,
  path: string,
  words: readonly string[],
): Request => {
  insistWords(words, entry.words, path);
  return { load: entry.load, words, options: {} };
};
