/**
 * The command line as yargs sees it. Yargs finds the command and its options;
 * the words are taken as they were typed, since yargs would strip quotes from
 * them and read numbers into them, and for us `'"100"'` and `100` differ.
 */
import yargs, { type Argv } from 'yargs';
import packageJson from '../package.json' with { type: 'json' };
import { CliError } from './cli-error.ts';
import { commandTree } from './command-tree.ts';
import {
  insistWords,
  isGroup,
  type CommandEntry,
  type CommandGroup,
  type CommandTree,
} from './command.ts';
import { completeWords } from './completion.ts';

/** What was asked for. Absent when help, a version or a completion was. */
export type Request = Readonly<{
  load: CommandEntry['load'];
  words: readonly string[];
  options: Readonly<Record<string, unknown>>;
}>;

const WIDTH = 92;

const capOption = {
  type: 'string',
  describe: 'with no more than this .ocap file gives (ocap daemon grant)',
} as const;

export const parseCommandLine = async (
  argv: readonly string[],
): Promise<Request | undefined> => {
  let request: Request | undefined;
  const found = (next: Request): void => {
    request = next;
  };
  let completing: Promise<void> | undefined;
  // Yargs counts the parameters.
  const complete: Complete = (current, parsed, offerDefaults, done) => {
    completing = completeWords(current, parsed, offerDefaults, done);
  };
  const parser = makeParser(argv).completion(
    'completion',
    'print a script that completes ocap in your shell',
    complete,
  );
  addCommands(parser, found);
  try {
    await parser.parseAsync();
  } catch (error) {
    // A completion is answered by yargs, which then goes on as if these words
    // were the command to run.
    if (!isCompletion(argv)) {
      throw error;
    }
  }
  await completing; // which yargs does not do
  return isCompletion(argv) ? undefined : request;
};

type Complete = (...asked: Parameters<typeof completeWords>) => void;

const isCompletion = (argv: readonly string[]): boolean =>
  argv[0] === 'completion' || argv.includes('--get-yargs-completions');

const makeParser = (argv: readonly string[]): Argv =>
  yargs([...argv])
    .scriptName('ocap')
    .usage('ocap — runs JavaScript nobody needs to trust\n\n  ocap <command>')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
      'camel-case-expansion': false,
    })
    .option('home', {
      type: 'string',
      describe: 'which daemon: its directory (or $OCAP_HOME; ~/.ocap)',
      global: true,
    })
    .option('json', {
      type: 'boolean',
      describe: 'print one JSON value, as in a pipe',
      global: true,
    })
    // Not yargs' own help, for which a last word "help" means `--help`: it is a
    // good name for a method.
    .help(false)
    .option('help', {
      type: 'boolean',
      describe: 'show this',
      global: true,
    })
    .version('version', 'show the version', packageJson.version)
    .strictOptions(!isCompletion(argv))
    .exitProcess(false)
    .locale('en')
    .wrap(Math.min(WIDTH, process.stdout.columns ?? WIDTH))
    .fail((message, error) => {
      throw error ?? new CliError('OPTION_WRONG', { problem: message });
    });

const addCommands = (parser: Argv, found: Found): void => {
  addTree(parser, 'ocap', commandTree, found);
  parser.command('$0', false, {}, (parsed) => {
    if (parsed._[0] !== 'help') {
      insistCommand(parsed._, 0, 'ocap');
    }
    parser.showHelp('log');
  });
};

type Found = (request: Request) => void;
type Words = readonly (string | number)[];

const insistCommand = (words: Words, depth: number, parent: string): void => {
  const command = words[depth];
  if (command !== undefined) {
    throw new CliError('COMMAND_UNKNOWN', { command, parent });
  }
};

const addTree = (
  parser: Argv,
  parent: string,
  commands: CommandTree,
  found: Found,
): Argv => {
  for (const [name, entry] of Object.entries(commands)) {
    const path = `${parent} ${name}`;
    if (isGroup(entry)) addGroup(parser, path, entry, found);
    else addCommand(parser, path, entry, found);
  }
  return parser;
};

/** `ocap daemon …` */
const addGroup = (
  parser: Argv,
  path: string,
  { about, commands, fallback }: CommandGroup,
  found: Found,
): void => {
  const depth = depthOf(path);
  parser.command(
    lastWordOf(path),
    about,
    (group) => {
      group.usage(`${path} — ${about}`);
      return addTree(group, path, commands, found);
    },
    (parsed) => {
      insistCommand(parsed._, depth, path);
      if (fallback === undefined || parsed['help'] === true) {
        parser.showHelp('log');
        return;
      }
      found({ load: fallback.load, words: [], options: parsed });
    },
  );
};

const addCommand = (
  parser: Argv,
  path: string,
  entry: CommandEntry,
  found: Found,
): void => {
  const { words: usageWords, about, aliases = [], more } = entry;
  const options = {
    ...entry.options,
    ...(entry.takesCap === true && { cap: capOption }),
  };
  const depth = depthOf(path);
  parser.command(
    [lastWordOf(path), ...aliases],
    about,
    (leaf) => {
      leaf.usage(`${path} ${usageWords}\n\n${about}`).options(options);
      return more === undefined ? leaf : leaf.epilogue(more);
    },
    (parsed) => {
      if (parsed['help'] === true) {
        parser.showHelp('log');
        return;
      }
      const words = parsed._.slice(depth).map(String);
      insistWords(words, usageWords, path);
      found({ load: entry.load, words, options: parsed });
    },
  );
};

/** How many words come before those of the command itself. */
const depthOf = (path: string): number => path.split(' ').length - 1;

const lastWordOf = (path: string): string => path.split(' ').at(-1) ?? path;
