/**
 * The one error type of ocap, with its closed list of codes. Every message that
 * a user or a vat can see stands here: what happened, to what, what to do.
 */

import type { CapData } from './capdata.ts';
import type { KRef } from './refs.ts';

type Details = Readonly<Record<string, string | number | undefined>>;
type Message = (details: Details) => string;

/** What was another message by itself, such as why a vat has ended. */
const withinSentence = (detail: Details[string]): string =>
  String(detail).replace(/^(?:The|What) /u, (word) => word.toLowerCase());

const messages = {
  // References and names
  REF_UNKNOWN: ({ ref }) =>
    `There is no object ${ref}: it was dropped or never existed. \`ocap names\` lists the names that you can call.`,
  NAME_UNKNOWN: ({ name, suggestion }) =>
    `There is no name "${name}".${suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`} \`ocap names\` lists them.`,
  NAME_INVALID: ({ name }) =>
    `"${name}" cannot be a name: use letters, digits, ".", "_" and "-", beginning with a letter, and not the form of a reference like ko12.`,
  NAME_TAKEN: ({ name, ref }) =>
    `The name "${name}" already stands for ${ref}. Choose another, or free it with \`ocap names rm ${name}\`.`,
  VAT_UNKNOWN: ({ vat }) =>
    `There is no vat ${vat}. \`ocap ps\` lists the vats that exist.`,
  GRANT_UNKNOWN: ({ grant }) =>
    `There is no grant ${grant}. \`ocap caps <vat or subcluster>\` lists those that there are.`,
  URL_INVALID: () =>
    'This is not an object URL: one looks like ocap:<64 digits>@<peer id>.',
  URL_UNKNOWN: () =>
    'This object URL stands for nothing here. Was it copied whole?',
  URL_ENDED: ({ reason }) =>
    `This object URL cannot be redeemed any more: ${reason}. Ask whoever gave it to you for another.`,
  ACCESS_UNKNOWN: () =>
    'This access token stands for nothing here. Was it copied whole, and is it of this daemon?',
  ACCESS_ENDED: ({ reason }) =>
    `This access is of no use any more: ${reason}. Ask whoever gave it to you for another.`,
  ACCESS_UNSUPPORTED: () =>
    'An access cannot be taken up here: it holds for a connection, and this is none. Authorize at the socket of the daemon.',
  NOT_PERMITTED: ({ what, facet }) =>
    `${what} is not part of ${facet}. \`rpc.discover\` lists what is.`,
  REF_NOT_HELD: ({ ref }) =>
    `"${ref}" stands for nothing that this connection holds: that is what its access is for, and what came in answers since it was authorized.`,
  IDENTITY_UNUSABLE: ({ path, problem }) =>
    `The identity of this daemon, ${path}, cannot be used: ${problem}.`,
  SERVICE_UNKNOWN: ({ service }) => `There is no service "${service}".`,
  SERVICE_RESTRICTED: ({ service }) =>
    `The service "${service}" is only for subclusters that are declared when the daemon starts.`,
  SUBCLUSTER_UNKNOWN: ({ subcluster }) =>
    `There is no subcluster ${subcluster}. \`ocap ps\` lists those that exist.`,

  // Input
  ARGUMENT_INVALID: ({ path, problem }) =>
    `The arguments cannot be passed: ${problem}${path === undefined ? '' : ` at ${path}`}. Pass JSON; write a reference as {"@ref": "ko12"} or, on the command line, as @name.`,
  CONFIG_INVALID: ({ path, problem }) =>
    `The cluster config is not valid: ${problem}${path === undefined || path === '' ? '' : ` at ${path}`}.`,
  BUNDLE_NOT_FOUND: ({ vat, spec, problem }) =>
    `The bundle of vat "${vat}" cannot be read from ${spec}: ${problem}.`,
  BUNDLE_INVALID: ({ vat, problem }) =>
    `The bundle of vat "${vat}" is not valid: ${problem}. Make one with \`ocap bundle <file>\`.`,
  // The problem is a sentence of its own, or begins with a place in the source.
  SOURCE_INVALID: ({ vat, problem }) =>
    `The source of vat "${vat}" cannot be bundled: ${problem}.`,
  LAUNCH_FAILED: ({ vat, problem }) =>
    `Vat "${vat}" did not start: ${problem}. Nothing was launched.`,
  UPGRADE_FAILED: ({ vat, problem }) =>
    `Vat ${vat} was not upgraded: ${problem}. It goes on as it was.`,
  BOOTSTRAP_FAILED: ({ vat, problem }) =>
    `The bootstrap method of vat "${vat}" failed: ${problem}. Nothing was launched.`,
  REQUEST_ID_REUSED: ({ requestId }) =>
    `The request id "${requestId}" was already used for another call. Use a new one for each call.`,
  SQL_REFUSED: ({ problem }) =>
    `The query was refused: ${problem}. executeDBQuery takes one read-only statement.`,
  SUBSCRIPTION_UNKNOWN: ({ subscription }) =>
    `There is no subscription "${subscription}" on this connection: it ended, or belongs to another. They end with their connection.`,
  EVENTS_UNSUPPORTED: () =>
    'Events cannot be sent on this connection: only answers can. Subscribe at the socket of the daemon.',
  TOPIC_UNAVAILABLE: ({ topic }) =>
    `This daemon has nothing to tell of the topic "${topic}". Leave it out.`,

  // Other kernels
  PEER_UNREACHABLE: ({ peer, problem }) =>
    `The peer ${peer} was not reached: ${problem}. \`ocap daemon exec registerLocationHints\` tells where it is.`,
  PEER_LOST: ({ peer, reason }) =>
    `What was shared with the peer ${peer} has ended: ${reason}. Ask it for a new URL.`,
  URL_REFUSED: ({ peer, problem }) =>
    `The peer ${peer} does not redeem the URL: ${problem}`,
  REMOTE_COMMS_FAILED: ({ problem }) =>
    `Other daemons cannot be reached: ${problem}.`,

  // What a message can come to
  CALL_REJECTED: ({ problem }) => `${problem}`,
  OBJECT_GONE: ({ ref, reason }) =>
    `The object ${ref} is gone: ${withinSentence(reason)}. Ask whoever gave it to you for another.`,
  OBJECT_REVOKED: ({ ref }) =>
    `The object ${ref} was revoked. Ask whoever gave it to you for another.`,
  VAT_TERMINATED: ({ vat, reason }) =>
    `The vat ${vat} was terminated: ${reason}.`,
  VAT_RESTARTED: ({ vat, reason }) =>
    `The vat ${vat} lost its heap before it had answered: ${reason}. Its durable state is as it was; ask again.`,
  NOT_CALLABLE: ({ problem }) => `The message cannot be delivered: ${problem}.`,
  DELIVERY_FAILED: ({ vat, reason }) =>
    `The delivery to vat ${vat} failed: ${reason}. Its state is what it was before the call.`,
  VAT_HALTED: ({ vat, reason }) =>
    `The vat ${vat} is halted: ${reason}. Its durable state is kept; an operator can go on with it by \`ocap daemon exec restartVat '{"id":"${vat}"}'\`, or upgrade it.`,
  VAT_BUSY: ({ vat, seconds }) =>
    `The vat ${vat} did not answer: it has been busy for ${seconds} s. Other vats are not affected; end it with \`ocap daemon exec terminateVat '{"id":"${vat}"}'\`.`,
  INTERRUPTED: ({ what }) =>
    `${what} was interrupted before it had an answer. Whether it took effect is not known.`,
  LIMIT_REACHED: ({ limit, value, max, unit }) =>
    `The limit ${limit} was reached${value === undefined ? '' : `: ${value} of at most ${max} ${unit}`}.`,
  IO_FAILED: ({ channel, problem }) =>
    `The IO channel "${channel}" failed: ${problem}.`,
  LIMIT_DEADLINE: ({ vat, seconds }) =>
    `The vat ${vat} was stopped: a delivery ran longer than ${seconds} s. Its state is what it was before the call; vats in other processes were not affected.`,

  // Relays
  RELAY_OPTION_INVALID: ({ option, problem }) =>
    `The ${option} of the relay cannot be used: ${problem}.`,
  RELAY_PORT_TAKEN: ({ port }) =>
    `Port ${port} is in use by another program. Stop that one, or choose another port (\`--tcp-port\`, \`--ws-port\`, \`--metrics-port\`).`,
  RELAY_LISTEN_FAILED: ({ problem }) => `The relay cannot listen: ${problem}.`,

  // The daemon and its home
  SHUTTING_DOWN: () =>
    'The daemon is shutting down and takes no more work. Ask again once it has been started anew.',
  STORAGE_FULL: ({ problem }) =>
    `There is no room to store what would come of this (${problem}), so nothing of it was done. Free some space on the disk of the daemon's home; it goes on by itself.`,
  STORE_TOO_NEW: ({ path, found, known }) =>
    `The database ${path} has schema ${found}; this program knows up to ${known}. Use the newer program that wrote it, or a backup that is older.`,
  STORE_NOT_MIGRATED: ({ path, found, known, problem }) =>
    `The database ${path} has schema ${found}, and a copy of it that was brought to ${known} is not right: ${problem}. It was left as it is: use the version of ocap that has used it so far, and report this.`,
  STORE_UNUSABLE: ({ path, problem }) =>
    `The database ${path} cannot be used: ${problem}. If it is damaged, go back to a backup with \`ocap daemon restore <file> --force\`, or begin anew with \`ocap daemon purge --force\`.`,
  INVARIANT: ({ what }) => `A rule of the kernel does not hold: ${what}.`,
} as const satisfies Record<string, Message>;

export type ErrorCode = keyof typeof messages;
export const errorCodes = Object.keys(messages) as readonly ErrorCode[];

/**
 * What a program can do about an error. `input`: ask for something else.
 * `gone`, `revoked`, `terminated`: it will never answer again. `unreachable`,
 * `interrupted`, `failed`: it may answer if asked again. `limit`: ask for less.
 * `rejected`: the vat itself said no. `defect`: of ocap or of the machine.
 */
export type ErrorKind =
  | 'input'
  | 'gone'
  | 'revoked'
  | 'terminated'
  | 'unreachable'
  | 'failed'
  | 'interrupted'
  | 'limit'
  | 'rejected'
  | 'defect';

/** Those that are not about the input. */
const kinds: Partial<Record<ErrorCode, ErrorKind>> = {
  REF_UNKNOWN: 'gone',
  OBJECT_GONE: 'gone',
  URL_UNKNOWN: 'gone',
  URL_ENDED: 'revoked',
  ACCESS_UNKNOWN: 'gone',
  ACCESS_ENDED: 'revoked',
  PEER_UNREACHABLE: 'unreachable',
  IDENTITY_UNUSABLE: 'defect',
  OBJECT_REVOKED: 'revoked',
  VAT_TERMINATED: 'terminated',
  VAT_RESTARTED: 'interrupted',
  INTERRUPTED: 'interrupted',
  VAT_BUSY: 'unreachable',
  VAT_HALTED: 'unreachable',
  SHUTTING_DOWN: 'unreachable',
  STORAGE_FULL: 'unreachable',
  DELIVERY_FAILED: 'failed',
  IO_FAILED: 'failed',
  LIMIT_REACHED: 'limit',
  LIMIT_DEADLINE: 'limit',
  CALL_REJECTED: 'rejected',
  STORE_TOO_NEW: 'defect',
  STORE_NOT_MIGRATED: 'defect',
  STORE_UNUSABLE: 'defect',
  INVARIANT: 'defect',
};

export const kindOf = (code: ErrorCode): ErrorKind => kinds[code] ?? 'input';

/** The code in parentheses with which the kernel ends its rejections, if there is one. */
export const codeIn = (message: string): ErrorCode | undefined => {
  const [, found] = /\(([A-Z_]+)\)$/u.exec(message) ?? [];
  return errorCodes.find((code) => code === found);
};

/** An operating error: something a user or a vat can be told and can act on. */
export class OcapError extends Error {
  override readonly name = 'OcapError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, details: Details, options?: ErrorOptions) {
    const message: Message = messages[code];
    super(message(asParts(details)), options);
    this.code = code;
  }
}

/** Details that are sentences themselves do not bring a second full stop. */
const asParts = (details: Details): Details =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/\.$/u, '') : value,
    ]),
  );

/**
 * A call that was answered with a rejection; `capdata` is the reason. By the vat
 * that was called, unless the code says that it was by the kernel.
 */
export class RejectedError extends OcapError {
  /** As the vat has put it. */
  override readonly message: string;
  readonly capdata: CapData<KRef>;

  constructor(
    problem: string,
    capdata: CapData<KRef>,
    code: ErrorCode = 'CALL_REJECTED',
  ) {
    super(code, { problem });
    this.message = problem;
    this.capdata = capdata;
  }
}

/** Makes (does not throw) the error of this code. */
export const fail = (
  code: ErrorCode,
  details: Details = {},
  options?: ErrorOptions,
): OcapError => new OcapError(code, details, options);

/** The text of whatever was thrown, for use inside another message. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
