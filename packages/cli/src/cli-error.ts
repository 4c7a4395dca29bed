/**
 * What can go wrong before the daemon is asked, or because of its answer: the
 * closed list of the command line's own errors. Each says what happened, to
 * what, and what to do; the first line is the message, the rest are hints.
 */
type Details = Readonly<Record<string, string | number | undefined>>;
type Message = (details: Details) => string;

const messages = {
  // Use of the command line
  COMMAND_UNKNOWN: ({ command, parent }) =>
    `There is no command "${command}". \`${parent} --help\` lists them.`,
  WORDS_WRONG: ({ problem, usage }) =>
    `${problem}.\nIt goes like this:  ${usage}`,
  OPTION_WRONG: ({ problem }) =>
    `${problem}. \`--help\` after a command lists its options; put "--" before words that begin with "-".`,
  JSON_INVALID: ({ what, problem }) => `invalid JSON in ${what}: ${problem}`,
  ARGS_NOT_A_LIST: () =>
    'The arguments must be a JSON array, like \'["alice", 100]\'. Nothing was sent.',
  REF_EMPTY: () =>
    'After "@" comes a name or a reference, like @bank or @ko12.',
  NAME_INVALID: ({ name, found }) =>
    `"${name}" cannot be a name: use letters, digits, ".", "_" and "-", beginning with a letter, and not the form of a reference like ko12.${found === undefined ? '' : '\nGive another one with:  --as <name>'}`,
  NAME_TAKEN: ({ name, ref }) =>
    `The name "${name}" already stands for ${ref}. Nothing was done.\nchoose another:  --as <name>      free it:  ocap names rm ${name}`,
  NOT_ONE_REFERENCE: ({ name, result }) =>
    `The call was answered, but its result is not one object, so "${name}" names nothing.\nit was:  ${result}`,

  // Sources, bundles and configs
  FILE_UNREADABLE: ({ path, problem }) => `Cannot read ${path}: ${problem}.`,
  BUNDLE_MISSING: ({ vat, path, problem }) =>
    `The bundle of "${vat}" cannot be read from ${path}: ${problem}. Nothing was launched.\nmake it:  ocap bundle <source>      or name the source:  "sourceSpec" in place of "bundleSpec"`,
  SOURCE_MISSING: ({ vat, path, problem }) =>
    `The source of "${vat}" cannot be read from ${path}: ${problem}. Nothing was launched.`,
  NOTHING_TO_LAUNCH: ({ path }) =>
    `There is nothing to launch in ${path}: it has no cluster.json, config.json or index.js.`,
  NOT_LAUNCHABLE: ({ path }) =>
    `${path} is neither a cluster config (.json), a vat (.js, .mjs, .ts) nor a bundle (.bundle).`,
  CONFIG_NOT_A_CONFIG: ({ path, problem }) =>
    `${path} is not a cluster config: ${problem}.`,
  NOTHING_TO_BUNDLE: ({ path }) =>
    `There is nothing to bundle in ${path}: no .js or .ts file there exports buildRootObject.`,

  NOT_BUILT: ({ file }) =>
    `${file} is not built. Run \`npm install\` in the folder of ocap.`,

  // Access
  CAP_UNUSABLE: ({ path, problem }) =>
    `${path} gives no access: ${problem}.\nmake one:  ocap daemon grant <name|s1|status>`,
  FILE_EXISTS: ({ path }) =>
    `${path} is there already, and stays as it is. Nothing was granted.\nchoose another:  --out <file>`,
  FILE_UNWRITABLE: ({ path, problem }) =>
    `${path} cannot be written: ${problem}. Nothing was granted.`,

  // The daemon
  LIMITS_NEED_START: ({ pid }) =>
    `The daemon${pid === undefined ? '' : ` (pid ${pid})`} runs already, with the limits that it was started with. Nothing was changed.\nstop it first:  ocap daemon stop`,
  SERVICE_EXISTS: ({ path }) =>
    `${path} is there already, and is another one. Nothing was written.\nwrite over it:  --force      choose another:  --name <name>`,
  LIMIT_AMOUNT: ({ name, text, of }) =>
    `"${text}" is no amount for ${name}: it takes a whole number above 0${of}. Nothing was set.`,
  NOT_RUNNING: ({ home }) =>
    `No daemon runs in ${home}.\nstart it:  ocap daemon start`,
  LIMIT_UNKNOWN: ({ name }) =>
    `There is no limit "${name}".\nall of them:  ocap daemon limits`,
  PURGE_UNFORCED: ({ home }) =>
    `purge deletes all vats, names and keys of ${home}. Say it with --force.`,
  NOT_STOPPED: ({ home }) =>
    `The daemon of ${home} could not be stopped. Nothing was deleted.\nfind out why:  ocap daemon logs`,
  STOP_FAILED: ({ home }) =>
    `The daemon of ${home} is still running: it survived every way of stopping it.`,
  RELAY_STOP_FAILED: ({ home }) =>
    `The relay of ${home} is still running: it survived every way of stopping it.`,
  NO_LOCAL_RELAY: ({ home }) =>
    `No relay runs in ${home}.\nstart one:  ocap relay start      or name another:  --relay <multiaddr>`,
  PHRASE_TO_LOG: ({ where }) =>
    `The words were not printed: ${where}. Whoever reads them can pass for this daemon.\nshow them on a terminal, or keep them in a file of your own:  (umask 077; ocap daemon identity backup > words.txt)`,
  NO_LOG: ({ path }) =>
    `There is no log at ${path} yet: no daemon has run there.`,
  LAUNCH_UNDONE: ({ problem }) => `${problem}\nThe launch was undone.`,
  INTERRUPTED: () => 'Interrupted. Nothing was launched.',
  TARGET_NOT_ENDABLE: ({ target }) =>
    `${target} belongs to no vat that could be terminated. \`ocap ps\` lists vats and subclusters.`,
} as const satisfies Record<string, Message>;

export type CliErrorCode = keyof typeof messages;

/** An error that a person can act on; no stack is shown for it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, details: Details = {}) {
    const message: Message = messages[code];
    super(message(details));
    this.code = code;
  }
}

/** Whether the words themselves were wrong, not what came of them (exit code 2). */
export const isUsageError = (error: unknown): boolean =>
  error instanceof CliError &&
  ['COMMAND_UNKNOWN', 'WORDS_WRONG', 'OPTION_WRONG'].includes(error.code);
