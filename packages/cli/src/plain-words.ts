/**
 * The command line without options, which is most of them: the command is
 * looked up in the tables. Loading yargs and setting it up takes as long as
 * starting Node does, and only options, help and completion need it.
 */
import { namesCommands, topCommands } from './command-table.ts';
import { daemonCommands } from './daemon-command-table.ts';
import type { CommandTable } from './command.ts';
import { insistWords, type CommandEntry } from './command.ts';
import type { Request } from './parser.ts';

/** `undefined` if it takes the parser to understand this, or to say what is wrong. */
export const parsePlainWords = (
  argv: readonly string[],
): Request | undefined => {
  if (argv.some((word) => word.startsWith('-'))) {
    return undefined;
  }
  const [group, name, ...words] = argv;
  if (group === 'daemon' || group === 'names') {
    const table = group === 'daemon' ? daemonCommands : namesCommands;
    return request(find(table, name), `ocap ${group} ${name}`, words);
  }
  return request(find(topCommands, group), `ocap ${group}`, argv.slice(1));
};

const find = (
  table: CommandTable,
  name: string | undefined,
): CommandEntry | undefined =>
  name !== undefined && Object.hasOwn(table, name)
    ? table[name]
    : Object.values(table).find(
        ({ aliases }) => name !== undefined && aliases?.includes(name),
      );

const request = (
  entry: CommandEntry | undefined,
  path: string,
  words: readonly string[],
): Request | undefined => {
  if (entry === undefined) {
    return undefined;
  }
  insistWords(words, entry.words, path);
  return { load: entry.load, words, options: {} };
};
