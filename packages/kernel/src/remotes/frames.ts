/**
 * What two kernels say to each other, one JSON text a frame. References are in
 * the receiver's view: `o+3` is an object that the sender has introduced, `o-3`
 * one that the receiver had. Operations are the syscalls of a vat: to its peer,
 * a kernel is one more endpoint with a c-list. See docs/remote-protocol.md.
 */
import { boundExceeded, vref, type VRef } from '@ocap/kernel-utils';
import { isSyscall, type Syscall } from '../vat/protocol.ts';

export const PROTOCOL_VERSION = 1;

export type RemoteOp =
  | Extract<Syscall, readonly ['send' | 'resolve', ...unknown[]]>
  | readonly [
      'dropImports' | 'retireImports' | 'retireExports',
      readonly VRef[],
    ]
  /** Names of promises that were settled by the receiver and are not used any more. */
  | readonly ['forget', readonly VRef[]];

export type Hello = Readonly<{
  type: 'hello';
  version: number;
  /** The sender's random name for what it knows of the receiver. */
  session: string;
  /** The receiver's, as far as the sender knows it. */
  yours: string | null;
  /** The last data frame of the receiver that is applied and on disk. */
  received: number;
  /** Multiaddrs at which the sender can be reached. */
  addresses: readonly string[];
}>;

export type DataFrame = Readonly<{
  type: 'data';
  /** From 1, without gaps. */
  seq: number;
  /** The last data frame of the receiver that was applied when this one was made. */
  seen: number;
  ops: readonly RemoteOp[];
}>;

export type RemoteFrame =
  | Hello
  | DataFrame
  /** All data frames up to this one are applied and on disk. */
  | Readonly<{ type: 'ack'; received: number }>
  /** The sender does not listen any more. */
  | Readonly<{ type: 'refused'; reason: string }>;

/** The peer said what no honest kernel says; it is cut off with `message` as the reason. */
export class PeerViolation extends Error {
  override readonly name = 'PeerViolation';
}

const MAX_ADDRESSES = 32;
const MAX_TEXT = 1000;
/** What one frame may ask for: all of it is applied in one step. */
export const MAX_OPS = 1000;
export const MAX_NAMES = 6000;
/**
 * Each of so many names may be a settlement of its own, with nine brackets,
 * commas and colons; seven lists and records are within each other there.
 */
const BOUNDS = { levels: 8, parts: 9 * MAX_NAMES + 16 * MAX_OPS };
/** Of an introduction: it has 32 addresses at most, of 1,000 characters each. */
export const MAX_HELLO_CHARS = 64 * 1024;

/** `isFirst`: nothing but an introduction may come. @throws PeerViolation */
export const parseRemoteFrame = (
  text: string,
  { isFirst = false }: Readonly<{ isFirst?: boolean }> = {},
): RemoteFrame => {
  // Before it is parsed: that can take seconds.
  if (
    (isFirst && text.length > MAX_HELLO_CHARS) ||
    boundExceeded(text, BOUNDS) !== undefined
  ) {
    throw new PeerViolation('a frame is malformed');
  }
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw new PeerViolation('a frame is not JSON');
  }
  if (!isRemoteFrame(frame)) {
    throw new PeerViolation('a frame is malformed');
  }
  return frame;
};

const isRemoteFrame = (frame: unknown): frame is RemoteFrame => {
  if (typeof frame !== 'object' || frame === null) {
    return false;
  }
  const f = frame as Readonly<Record<string, unknown>>;
  switch (f['type']) {
    case 'hello':
      return (
        isCount(f['version']) &&
        isText(f['session']) &&
        (f['yours'] === null || isText(f['yours'])) &&
        isCount(f['received']) &&
        Array.isArray(f['addresses']) &&
        f['addresses'].length <= MAX_ADDRESSES &&
        f['addresses'].every(isText)
      );
    case 'data':
      return (
        isCount(f['seq']) &&
        isCount(f['seen']) &&
        Array.isArray(f['ops']) &&
        f['ops'].length <= MAX_OPS &&
        f['ops'].every(isRemoteOp) &&
        countNames(f['ops']) <= MAX_NAMES
      );
    case 'ack':
      return isCount(f['received']);
    case 'refused':
      return isText(f['reason']);
    default:
      return false;
  }
};

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT;

const kernelRef = /^[op][+-](?:0|[1-9]\d{0,14})$/u;
const isRemoteName = (value: unknown): boolean =>
  typeof value === 'string' && kernelRef.test(value);
const areNames = (values: readonly unknown[]): boolean =>
  values.every(isRemoteName);

const isRemoteOp = (op: unknown): op is RemoteOp => {
  if (!Array.isArray(op)) {
    return false;
  }
  const [name, first] = op as unknown[];
  if (name === 'forget') {
    return (
      Array.isArray(first) &&
      areNames(first) &&
      first.every((ref: string) => ref.startsWith('p'))
    );
  }
  return opNames.has(name) && isSyscall(op) && areNames(namesIn(op as never));
};

const opNames: ReadonlySet<unknown> = new Set([
  'send',
  'resolve',
  'dropImports',
  'retireImports',
  'retireExports',
]);

/** About what it costs to apply them. */
export const countNames = (ops: readonly RemoteOp[]): number =>
  ops.reduce((sum, op) => sum + namesIn(op).length, 0);

export const namesIn = (op: RemoteOp): readonly VRef[] => {
  switch (op[0]) {
    case 'send':
      return [op[1], ...op[2].slots, ...(op[3] === null ? [] : [op[3]])];
    case 'resolve':
      return op[1].flatMap(([ref, , { slots }]) => [ref, ...slots]);
    default:
      return op[1];
  }
};

/** The same thing as the other side names it. */
export const flipped = (ref: VRef): VRef =>
  vref(`${ref.charAt(0)}${ref.charAt(1) === '+' ? '-' : '+'}${ref.slice(2)}`);
