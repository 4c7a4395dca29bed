/** `docs/errors.md`: every code, with the message that somebody might see. */
import {
  errorCodes,
  fail,
  kindOf,
  type ErrorCode,
} from '../../packages/kernel-utils/src/errors.ts';
import { code, page, table } from './markdown.ts';

/** Details that make sense for most messages. */
const usual = {
  ref: 'ko12',
  name: 'bnak',
  vat: 'v3',
  subcluster: 's1',
  requestId: 'rent-7',
  seconds: 10,
  service: 'clock',
};

/** What a message needs beyond that, or would not make sense without. */
const special: Partial<
  Record<ErrorCode, Readonly<Record<string, string | number>>>
> = {
  NAME_UNKNOWN: { suggestion: 'bank' },
  NAME_INVALID: { name: '7up' },
  NAME_TAKEN: { name: 'bank' },
  ARGUMENT_INVALID: {
    problem: '"@ref" must be a reference or a name, as text',
  },
  CONFIG_INVALID: {
    problem: 'unknown field "bundle"',
    path: 'vats.mint',
  },
  BUNDLE_NOT_FOUND: {
    vat: 'mint',
    spec: 'file:///home/me/mint.bundle',
    problem: 'ENOENT: no such file or directory',
  },
  BUNDLE_INVALID: { vat: 'mint', problem: 'it is not JSON' },
  SOURCE_INVALID: {
    vat: 'mint',
    problem: 'mint.js:3:14: Unexpected token',
  },
  LAUNCH_FAILED: {
    vat: 'mint',
    problem: 'its bundle does not export a function buildRootObject',
  },
  UPGRADE_FAILED: {
    problem: 'Error: defineDurableKind not called for tags: [Purse]',
  },
  BOOTSTRAP_FAILED: { vat: 'clerk', problem: 'no mint was given' },
  GRANT_UNKNOWN: { grant: 'g7' },
  URL_ENDED: { reason: 'it was revoked' },
  ACCESS_ENDED: { reason: 'it was revoked' },
  NOT_PERMITTED: { what: '"shutdown"', facet: 'the access a1 to an object' },
  REF_NOT_HELD: { ref: 'ko12' },
  PEER_UNREACHABLE: {
    peer: '12D3KooWQK1w…',
    problem: 'nobody answers at /ip4/192.0.2.7/tcp/4001',
  },
  PEER_LOST: { peer: '12D3KooWQK1w…', reason: 'it has lost its state' },
  URL_REFUSED: {
    peer: '12D3KooWQK1w…',
    problem: 'The URL has ended: it was revoked. (URL_ENDED)',
  },
  REMOTE_COMMS_FAILED: { problem: 'port 4001 is in use' },
  RELAY_OPTION_INVALID: { option: '--tcp-port', problem: 'it is no port' },
  RELAY_PORT_TAKEN: { port: 4001 },
  RELAY_LISTEN_FAILED: { problem: 'permission denied' },
  IDENTITY_UNUSABLE: {
    path: '/home/me/.ocap/identity.key',
    problem: 'it is not 64 hexadecimal digits',
  },
  SQL_REFUSED: { problem: 'it is not a query' },
  SUBSCRIPTION_UNKNOWN: { subscription: 'sub7' },
  TOPIC_UNAVAILABLE: { topic: 'log' },
  CALL_REJECTED: { problem: 'alice has 70 coins, not 71' },
  OBJECT_GONE: { reason: 'its vat has dropped it' },
  VAT_TERMINATED: { reason: 'an operator ended it' },
  VAT_RESTARTED: { reason: 'the daemon was restarted' },
  VAT_HALTED: { reason: 'it does not start (TypeError: x is not a function)' },
  NOT_CALLABLE: {
    problem: 'the promise kp7 settled to a value that is not a reference',
  },
  DELIVERY_FAILED: {
    reason: 'it went beyond the limit crankSyscalls (100000)',
  },
  INTERRUPTED: { what: 'The call' },
  IO_FAILED: { channel: 'notes', problem: 'there is no file todo.txt' },
  LIMIT_REACHED: {
    limit: 'messageSlots',
    value: 4001,
    max: 4000,
    unit: 'references',
  },
  STORAGE_FULL: { problem: 'database or disk is full' },
  STORE_TOO_NEW: { path: '~/.ocap/kernel.sqlite', found: 2, known: 1 },
  STORE_NOT_MIGRATED: {
    path: '~/.ocap/kernel.sqlite',
    found: 1,
    known: 2,
    problem: 'ko1 has 2 references, and 1 is counted',
  },
  STORE_UNUSABLE: {
    path: '~/.ocap/kernel.sqlite',
    problem: 'database disk image is malformed',
  },
  INVARIANT: { what: 'ko12 has no row' },
};

/** @throws for a message that asks for a detail of which there is no example. */
const example = (errorCode: ErrorCode): string => {
  const { message } = fail(errorCode, { ...usual, ...special[errorCode] });
  if (/\bundefined\b/u.test(message)) {
    throw Error(
      `scripts/reference/errors-page.ts lacks an example for a detail of ${errorCode}: ${message}`,
    );
  }
  return message;
};

export const errorsPage = (): string =>
  page('`packages/kernel-utils/src/errors.ts`', [
    '# Errors',
    'Whoever called is told a code and a message: what happened, to what, what to do. At the socket the code is `error.data.code` and its kind `error.data.kind`. A vat gets an ordinary `Error` whose message ends with the code in parentheses; `describeError` of `@ocap/kernel-utils/exo` reads it. Programs should look at the code; the words may change.',
    table(
      ['code', 'kind', 'for example'],
      errorCodes.map((errorCode) => [
        code(errorCode),
        kindOf(errorCode),
        example(errorCode),
      ]),
    ),
    'Kinds say what a program can do. `input`: ask for something else. `gone`, `revoked`, `terminated`: it will never answer again. `unreachable`, `interrupted`, `failed`: it may answer if asked again. `limit`: ask for less. `rejected`: the vat itself said no. `defect`: of ocap or of the machine.',
    '`CALL_REJECTED` is the one that a vat makes: its method threw, or answered with a promise that was rejected. `data.capdata` is the reason as the vat has put it. `INVARIANT` is a defect of ocap; at the socket it is an internal error (-32603), and the daemon’s log says more.',
  ]);
