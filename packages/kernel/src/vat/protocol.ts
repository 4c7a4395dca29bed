/**
 * What the daemon and a vat host say to each other: one JSON value a line.
 * Channel 3 carries these frames; channel 4 the host's synchronous reads of the
 * vatstore. The host's side is not believed: `parseHostFrame` and
 * `parseReadRequest` are the doors, and what does not pass ends the host.
 */
import {
  isCapData,
  isVRef,
  isVatId,
  type CapData,
  type VRef,
  type VatId,
} from '@ocap/kernel-utils';
import type { VatGlobal } from '../vat-globals.ts';
import {
  isFetchId,
  isFetchRequest,
  type FetchOutcome,
  type FetchRequest,
} from './fetch-protocol.ts';

export type VatstoreEntry = readonly [key: string, value: string];

export type VatLimits = Readonly<{
  crankSyscalls: number;
  crankBytes: number;
  messageSlots: number;
  consoleLineBytes: number;
  consoleLinesPerDelivery: number;
  fetchesInFlight: number;
  fetchRequestBytes: number;
}>;

export type StartFrame = Readonly<{
  type: 'start';
  vat: VatId;
  seq: number;
  name: string;
  /** The bundle's JSON text. */
  bundle: string;
  parameters: CapData<VRef>;
  globals: readonly VatGlobal[];
  /** Limits of its own, instead of those of the host. */
  limits: Partial<VatLimits>;
  /** The beginning of the vatstore in key order. */
  entries: readonly VatstoreEntry[];
  /** Whether `entries` is all of it, so that nothing need be asked for. */
  complete: boolean;
}>;

/** As liveslots takes it. */
export type Delivery =
  | readonly [
      'message',
      VRef,
      Readonly<{ methargs: CapData<VRef>; result: VRef | null }>,
    ]
  | readonly ['notify', readonly Resolution[]]
  | readonly [
      'dropExports' | 'retireExports' | 'retireImports',
      readonly VRef[],
    ]
  | readonly ['bringOutYourDead']
  /** For what the vat has waiting in its host: timers that are due, answers that came. */
  | readonly ['turn'];

export type Resolution = readonly [
  promise: VRef,
  rejected: boolean,
  data: CapData<VRef>,
];

export type ToHost =
  | StartFrame
  | Readonly<{
      type: 'deliver';
      vat: VatId;
      seq: number;
      /** The last delivery of this vat that is applied. */
      confirmed: number;
      delivery: Delivery;
      /** How much of its console's output would be logged, if the vat has written much of late. */
      consoleChars?: number;
    }>
  /** What came of a request of the vat; it is told in a turn. */
  | (Readonly<{ type: 'fetched'; vat: VatId; id: number }> & FetchOutcome)
  | Readonly<{ type: 'stop'; vat: VatId }>
  | Readonly<{ type: 'ping'; id: number }>;

export type Syscall =
  | readonly ['send', VRef, CapData<VRef>, VRef | null]
  | readonly ['subscribe', VRef]
  | readonly ['resolve', readonly Resolution[]]
  | readonly ['exit', boolean, CapData<VRef>]
  | readonly [
      'dropImports' | 'retireImports' | 'retireExports' | 'abandonExports',
      readonly VRef[],
    ];

export type DoneFrame = Readonly<{
  type: 'done';
  vat: VatId;
  seq: number;
  syscalls: readonly Syscall[];
  /** Durable writes of the crank, the last one for each key; null deletes. */
  writes: readonly (readonly [key: string, value: string | null])[];
  /** Why the delivery failed as a whole; then nothing of it counts. */
  problem?: string;
  /** Whether the vat has something in its heap that will want a turn: a timer, an answer to a request. */
  waiting?: boolean;
  /** Requests that may leave once the crank is committed. */
  fetches?: readonly FetchRequest[];
  /** Requests of earlier cranks that the vat no longer wants answered. */
  fetchesAborted?: readonly number[];
  /** For a start: the methods of the root object. */
  methods?: readonly string[];
  /** After a collection: what the heap of the process holds, but for compiled code. */
  heapBytes?: number;
  /** Set by whoever reads the frame, never by a host: what no honest host says in it. */
  illegal?: string;
}>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type FromHost =
  | DoneFrame
  | Readonly<{ type: 'log'; vat: VatId; level: LogLevel; text: string }>
  /** The vat has something waiting and would like a turn. */
  | Readonly<{ type: 'turn'; vat: VatId }>
  | Readonly<{ type: 'pong'; id: number }>;

/** Asks for one value, or for a page of entries after a key. */
export type ReadRequest =
  | Readonly<{ vat: VatId; get: string }>
  | Readonly<{ vat: VatId; after: string; count: number }>;

export type ReadReply =
  | Readonly<{ value: string | null }>
  | Readonly<{ entries: readonly VatstoreEntry[] }>;

export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

const refuse = (problem: string): never => {
  throw new ProtocolViolation(problem);
};

type Unknown = Readonly<Record<string, unknown>>;

const parseRecord = (line: string): Unknown => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    refuse('a line is not JSON');
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Unknown)
    : refuse('a line is not an object');
};

export const parseHostFrame = (line: string): FromHost => {
  const frame = parseRecord(line);
  switch (frame['type']) {
    case 'done':
      return parseDone(frame);
    case 'log':
      return isVatId(frame['vat']) &&
        typeof frame['text'] === 'string' &&
        isLogLevel(frame['level'])
        ? (frame as FromHost)
        : refuse('a log frame is malformed');
    case 'turn':
      return isVatId(frame['vat'])
        ? (frame as FromHost)
        : refuse('a turn frame is malformed');
    case 'pong':
      return Number.isSafeInteger(frame['id'])
        ? (frame as FromHost)
        : refuse('a pong frame is malformed');
    default:
      return refuse('a frame has no known type');
  }
};

const isLogLevel = (value: unknown): value is LogLevel =>
  value === 'debug' ||
  value === 'info' ||
  value === 'warn' ||
  value === 'error';

const parseDone = (frame: Unknown): DoneFrame => {
  const { vat, seq, syscalls, writes, problem, waiting, methods } = frame;
  const { fetches, fetchesAborted, heapBytes } = frame;
  delete (frame as { illegal?: unknown }).illegal;
  const wellFormed =
    isVatId(vat) &&
    Number.isSafeInteger(seq) &&
    Array.isArray(syscalls) &&
    Array.isArray(writes) &&
    writes.every(isWrite) &&
    (problem === undefined || typeof problem === 'string') &&
    (waiting === undefined || typeof waiting === 'boolean') &&
    (fetches === undefined || isArrayOf(fetches, isFetchRequest)) &&
    (fetchesAborted === undefined || isArrayOf(fetchesAborted, isFetchId)) &&
    (methods === undefined || isArrayOf(methods, isString)) &&
    (heapBytes === undefined ||
      (Number.isSafeInteger(heapBytes) && Number(heapBytes) >= 0));
  if (!wellFormed) {
    return refuse('a done frame is malformed');
  }
  return syscalls.every(isSyscall)
    ? (frame as DoneFrame)
    : {
        ...(frame as DoneFrame),
        syscalls: [],
        illegal: 'a syscall is malformed',
      };
};

const isString = (value: unknown): value is string => typeof value === 'string';
const isArrayOf = <T>(
  value: unknown,
  test: (item: unknown) => item is T,
): value is T[] => Array.isArray(value) && value.every(test);

const isWrite = (write: unknown): boolean =>
  Array.isArray(write) &&
  write.length === 2 &&
  isString(write[0]) &&
  (write[1] === null || isString(write[1]));

const isVatData = (value: unknown): boolean =>
  isCapData(value) && value.slots.every(isVRef);

const isObjectVRef = (value: unknown): value is VRef =>
  isVRef(value) && value.startsWith('o');
const isPromiseVRef = (value: unknown): value is VRef =>
  isVRef(value) && value.startsWith('p');

export const isSyscall = (syscall: unknown): syscall is Syscall => {
  if (!Array.isArray(syscall)) {
    return false;
  }
  const [name, first, second, third] = syscall as unknown[];
  switch (name) {
    case 'send':
      return (
        isVRef(first) &&
        isVatData(second) &&
        (third === null || isPromiseVRef(third))
      );
    case 'subscribe':
      return isPromiseVRef(first);
    case 'resolve':
      return Array.isArray(first) && first.every(isResolution);
    case 'exit':
      return typeof first === 'boolean' && isVatData(second);
    case 'dropImports':
    case 'retireImports':
    case 'retireExports':
    case 'abandonExports':
      return isArrayOf(first, isObjectVRef);
    default:
      return false;
  }
};

const isResolution = (resolution: unknown): boolean =>
  Array.isArray(resolution) &&
  isPromiseVRef(resolution[0]) &&
  typeof resolution[1] === 'boolean' &&
  isVatData(resolution[2]);

export const parseReadRequest = (line: string): ReadRequest => {
  const request = parseRecord(line);
  const { vat, get, after, count } = request;
  if (isVatId(vat) && isString(get)) {
    return { vat, get };
  }
  return isVatId(vat) &&
    isString(after) &&
    Number.isSafeInteger(count) &&
    (count as number) > 0 &&
    (count as number) <= 1000
    ? { vat, after, count: count as number }
    : refuse('a read request is malformed');
};
