/** What a command is made of, and how it reads its words and options. */
import type { Options } from 'yargs';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';
import type { Answer } from './output.ts';

/** What a command does; its file is loaded only when it is the one that was asked for. */
export type Command = (
  args: CommandArguments,
  context: Context,
) => Promise<Answer | undefined>;

/** How a command is announced: all that parsing, help and completion need. */
export type CommandEntry = Readonly<{
  /** `<needed> [optional] [any number..]` */
  words: string;
  about: string;
  aliases?: readonly string[];
  options?: Readonly<Record<string, Options>>;
  /** Shown under the help: what the words mean, and examples. */
  more?: string;
  /** It asks the daemon, and nothing else, so it can be done with an access. */
  takesCap?: true;
  /** Which words the shell can complete. */
  completes?: 'names' | 'names-and-vats';
  load: () => Promise<Command>;
}>;

/** Commands by the word that names them. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;

/** A command of commands. */
export type CommandGroup = Readonly<{
  about: string;
  commands: CommandTree;
  /** The one that is meant where none is named. */
  fallback?: CommandEntry;
}>;

export type CommandTree = Readonly<Record<string, CommandEntry | CommandGroup>>;

export const isGroup = (
  entry: CommandEntry | CommandGroup,
): entry is CommandGroup => 'commands' in entry;

export type CommandArguments = Readonly<{
  /** The words after the command, each exactly as the shell passed it. */
  words: readonly string[];
  /** The nth word, which the usage line says is there. */
  word(index: number): string;
  text(option: string): string | undefined;
  /** For an option that can be given several times. */
  texts(option: string): readonly string[];
  flag(option: string): boolean;
}>;

export const makeCommandArguments = (
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
): CommandArguments => ({
  words,
  word: (index) => {
    const word = words[index];
    if (word === undefined) {
      throw new RangeError(`No word ${index}: insistWords comes first`);
    }
    return word;
  },
  text: (option) => {
    const value = options[option];
    if (Array.isArray(value)) {
      throw new CliError('OPTION_WRONG', {
        problem: `--${option} is given twice`,
      });
    }
    if (value === '') {
      throw new CliError('OPTION_WRONG', {
        problem: `--${option} needs a value`,
      });
    }
    return typeof value === 'string' ? value : undefined;
  },
  texts: (option) => {
    const given = [options[option] ?? []].flat();
    if (given.includes('')) {
      throw new CliError('OPTION_WRONG', {
        problem: `--${option} needs a value`,
      });
    }
    return given.map(String);
  },
  flag: (option) => options[option] === true,
});

/** Throws unless there are as many words as the usage line (`<a> [b] [c..]`) asks for. */
export const insistWords = (
  words: readonly string[],
  usageWords: string,
  command: string,
): void => {
  const places = usageWords === '' ? [] : usageWords.split(' ');
  const usage = `${command} ${usageWords}`.trimEnd();
  const missing = places.find(
    (place, at) => place.startsWith('<') && at >= words.length,
  );
  if (missing !== undefined) {
    throw new CliError('WORDS_WRONG', {
      problem: `${missing} is missing`,
      usage,
    });
  }
  const extra = words[places.length];
  if (extra !== undefined && !usageWords.endsWith('..]')) {
    throw new CliError('WORDS_WRONG', {
      problem: `"${extra}" is one word too many`,
      usage,
    });
  }
};
