/**
 * What can go wrong between a program and its daemon, with every message that
 * people see of it. Errors that the daemon itself answers are `RpcError`s.
 */
type Details = Readonly<Record<string, string | number | undefined>>;

const absent = ({ socketPath }: Details): string =>
  `No daemon answers at ${socketPath}. \`ocap daemon start\` starts one.`;

const messages = {
  HOME_TOO_DEEP: ({ path, bytes, max }) =>
    `The socket ${path} has a path of ${bytes} bytes; the operating system takes ${max}. Choose a shorter home with --home or $OCAP_HOME.`,
  // Two ways of not being there, and everything else.
  ENOENT: absent,
  ECONNREFUSED: absent,
  UNREACHABLE: ({ socketPath, problem }) =>
    `The daemon's socket ${socketPath} cannot be used (${problem}).`,
  CONNECTION_LOST: ({ method }) =>
    `The connection to the daemon was lost before "${method}" was answered. Whether it took effect is not known.`,
  CALL_TIMEOUT: ({ method, seconds }) =>
    `The daemon did not answer "${method}" within ${seconds} s. It may still do it; \`ocap daemon logs\` says what it is doing.`,
  INVALID_RESPONSE: ({ problem }) =>
    `The daemon sent an invalid response: ${problem}. Is something else listening on its socket?`,
  CLIENT_CLOSED: () => 'This client was closed.',
  START_FAILED: ({ program = 'daemon', problem, log }) =>
    `The ${program} did not start: ${problem}. ${log} may say more.`,
  START_TIMEOUT: ({ program = 'daemon', seconds, log }) =>
    `The ${program} was not ready within ${seconds} s. ${log} may say why.`,
  RELAY_SILENT: ({ home }) =>
    `The relay of ${home} runs, but does not answer. \`ocap relay stop\` ends it.`,
  FOREIGN_FILE: ({ path, uid }) =>
    `${path} belongs to another user (uid ${uid}), who could read and change what goes through it, so it is not used. Delete it if it should not be there, or choose a home of your own with --home or $OCAP_HOME.`,
  CONFIG_UNUSABLE: ({ path, problem }) =>
    `${path} cannot be used: ${problem}. Correct it, or move it away, and start the daemon again.`,
  LOG_LEVEL_UNKNOWN: ({ level, known }) =>
    `There is no log level "${level}". Use one of ${known}.`,
  LIMIT_WRONG: ({ word, problem }) =>
    `The option --limit ${word} cannot be used: ${problem}.`,
  ALREADY_RUNNING: ({ program = 'daemon', home, pid }) =>
    `A ${program}${pid === undefined ? '' : ` (pid ${pid})`} already runs in ${home}. \`ocap ${program} stop\` stops it.`,
  STILL_RUNNING: ({ home }) =>
    `A daemon runs in ${home}, so nothing was deleted. Stop it first with \`ocap daemon stop\`.`,
  STATE_MISSING: ({ home }) =>
    `There is nothing in ${home} to back up: no daemon has run there yet.`,
  STATE_IN_USE: ({ home }) =>
    `${home} has vats of its own already. Nothing was changed. Say --force to put them aside, or restore into another home with --home.`,
  BACKUP_EXISTS: ({ file }) =>
    `${file} is there already. Nothing was written: choose another name.`,
  BACKUP_FAILED: ({ file, problem }) =>
    `The backup ${file} could not be made: ${problem}. Nothing was left there.`,
  BACKUP_UNUSABLE: ({ file, problem }) =>
    `${file} cannot be restored: ${problem}. Nothing was changed.`,
  IDENTITY_MISSING: ({ home }) =>
    `There is no identity in ${home} to back up: no daemon there has needed one yet. \`ocap daemon identity\` makes it.`,
  IDENTITY_IN_USE: ({ home, peer }) =>
    `${home} belongs to another identity, ${peer}, under which its vats are known to others. Nothing was changed. Keep that one with \`ocap daemon identity backup\`, then say --force; or restore into another home.`,
  PHRASE_INVALID: ({ problem }) =>
    `These words are not a recovery phrase: ${problem}. Nothing was changed.`,
  LINE_TIMEOUT: ({ ms }) => `No complete line arrived within ${ms} ms.`,
  LINE_TOO_LONG: ({ max }) => `A line is longer than ${max} bytes.`,
  LINE_CLOSED: () => 'The connection ended before a line was complete.',
  LINE_BROKEN: () => 'What is written as one line must not contain a newline.',
} as const satisfies Record<string, (details: Details) => string>;

export type DaemonErrorCode = keyof typeof messages;

/** `cause` is the error of the operating system, if there was one. */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';
  readonly code: DaemonErrorCode;

  constructor(
    code: DaemonErrorCode,
    details: Details = {},
    options?: ErrorOptions,
  ) {
    const message: (details: Details) => string = messages[code];
    super(message(details), options);
    this.code = code;
  }
}

/** An error that the daemon answered. `data.code` is its code in words, if it has one. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** `ENOENT`, `ECONNREFUSED`, … of an error of the operating system. */
export const systemCodeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
