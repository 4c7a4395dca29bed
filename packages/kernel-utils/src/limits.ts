/**
 * Every cap of the system, in one record: its value, its unit, the attack or
 * accident it stops, and what it does not cover. Each has a test at N and N+1.
 */
import { hostLimits } from './host-limits.ts';
import { ioLimits } from './io-limits.ts';
import { KiB, MiB, type Limit } from './limit.ts';
import { queryLimits } from './query-limits.ts';
import { remoteLimits } from './remote-limits.ts';
import { socketLimits } from './socket-limits.ts';

export type { Limit } from './limit.ts';

export const limits = {
  ...socketLimits,
  ...queryLimits,

  // In a vat
  deliveryMs: {
    value: 10_000,
    unit: 'ms',
    stops:
      'a delivery that never ends. Counts from when the host could begin with it, without time in which the daemon itself stood still.',
  },
  pingMs: {
    value: 2000,
    unit: 'ms',
    stops: 'pingVat waiting for a vat that is stuck: it is told so instead.',
  },
  wakeups: {
    value: 10_000,
    unit: 'count',
    stops:
      'vats that ask the clock for wake-ups without end. Counts those of all vats.',
  },
  urlGuesses: {
    value: 60,
    unit: 'count',
    stops:
      'guessing object URLs: so many unknown ones a minute are looked up, by all vats and clients together.',
  },
  accessGuesses: {
    value: 60,
    unit: 'count',
    stops:
      'guessing the tokens of accesses: so many unknown ones a minute are looked up, of all connections together.',
  },
  accessReferences: {
    value: 100_000,
    unit: 'count',
    stops:
      'a connection with access to one object that asks for references without end: beyond it, those that came first are forgotten. Does not bound how many the owner’s connections have: they keep none.',
  },
  accessAnswerBytes: {
    value: 64 * MiB,
    unit: 'bytes',
    stops:
      'whoever has access to one object, and fills the disk with recorded answers: those of calls with request ids, which are kept for leaseMs. Counts characters, and 400 for each call; beyond it only calls without a request id are made.',
  },
  eventsKept: {
    value: 10_000,
    unit: 'count',
    stops:
      'the record of events growing for ever; older ones cannot be asked for again.',
  },
  endedKept: {
    value: 1000,
    unit: 'count',
    stops:
      'the books of object URLs, and of accesses, that have ended growing for ever; of the oldest ones it is no longer told that they existed. Looked at every hour.',
  },
  eventTextLength: {
    value: 1000,
    unit: 'count',
    stops:
      'a vat that fills the record of events with the text of its errors; what is longer is cut. Counts characters.',
  },
  bundleBytes: {
    value: 64 * MiB,
    unit: 'bytes',
    stops: 'a server that sends a bundle without end.',
  },
  storeBytesChecked: {
    value: 64 * MiB,
    unit: 'bytes',
    stops:
      'a start that takes ever longer because the database has grown. A larger one is not looked through when it is opened; its rows are still checked one by one as they are read, and all of it by `ocap daemon audit`.',
  },
  ...hostLimits,

  crankSyscalls: {
    value: 20_000,
    unit: 'count',
    stops: 'a delivery that sends messages in a loop.',
  },
  writesAtOnce: {
    value: 1000,
    unit: 'count',
    stops:
      'a delivery that makes very many small writes, or gives up very many references, which would keep everybody else waiting: beyond it that is done a part at a time, and only the vat that did it waits. So is what was shared with another kernel that begins anew.',
  },
  crankBytes: {
    value: 8 * MiB,
    unit: 'bytes',
    stops:
      'a delivery whose messages and durable writes would fill the disk or the daemon’s memory.',
  },
  vatstoreBytes: {
    value: 512 * MiB,
    unit: 'bytes',
    stops:
      'a vat that fills the disk. A crank that goes beyond it is undone; one that frees more than it writes is not. Counts characters.',
  },
  waitingMessages: {
    value: 10_000,
    unit: 'count',
    stops:
      'vats that send more than can be worked off. Counts for each sender (a subcluster, or all clients) what is not delivered yet; a crank that goes beyond it is undone.',
  },
  waitingBytes: {
    value: 32 * MiB,
    unit: 'bytes',
    stops: 'the same by few large messages. Counts characters.',
  },
  messageSlots: {
    value: 4000,
    unit: 'count',
    stops:
      'a message that carries so many references that translating it stalls the kernel.',
  },
  serviceCallParts: {
    value: 10_000,
    unit: 'count',
    stops:
      'a call of a service whose arguments consist of so much that decoding them stalls the daemon. Counts opening brackets, commas and colons as they are written in JSON: about the values and keys.',
  },
  bigintDigits: {
    value: 10_000,
    unit: 'count',
    stops:
      'a number that takes seconds to be read: a bigint in a call of a service. Between vats there may be larger ones. A rejection with one is not decoded for clients.',
  },
  deliveryAttempts: {
    value: 2,
    unit: 'count',
    stops:
      'a message that kills its host every time it is delivered: after so many deaths it is taken off the inbox.',
  },
  startAttempts: {
    value: 3,
    unit: 'count',
    stops:
      'a vat that does not start being tried for ever: after so many failures in a row it is halted until an operator restarts or upgrades it.',
  },
  restartBudget: {
    value: 10,
    unit: 'count',
    stops:
      'a vat that takes its process down again and again: after more failures than this within restartBudgetMs it is halted until an operator restarts it.',
  },
  restartBudgetMs: {
    value: 10 * 60 * 1000,
    unit: 'ms',
    stops: 'failures of long ago counting against a vat: see restartBudget.',
  },
  consoleBytesPerSecond: {
    value: 64 * KiB,
    unit: 'bytes',
    stops:
      'a vat, or a host that was taken over, that fills the log; in the long run it may write so much a second. Counts characters.',
  },
  consoleBurstBytes: {
    value: 4 * MiB,
    unit: 'bytes',
    stops:
      'the same: how much a vat that was silent may write at once; what is beyond is counted and dropped.',
  },
  consoleLineBytes: {
    value: 16 * KiB,
    unit: 'bytes',
    stops: 'a vat that writes huge log lines.',
  },
  consoleLinesPerDelivery: {
    value: 1000,
    unit: 'count',
    stops:
      'a vat that fills the log in one delivery; the rest is counted and dropped.',
  },

  // What a vat fetches
  fetchesInFlight: {
    value: 16,
    unit: 'count',
    stops:
      'a vat that asks for more than it waits for, to use up the daemon’s sockets. Counts for each vat: many vats may hold many more.',
  },
  fetchRequestBytes: {
    value: 1 * MiB,
    unit: 'bytes',
    stops:
      'a request with a huge body, which the daemon would have to hold: URL, headers and body together.',
  },
  fetchResponseBytes: {
    value: 8 * MiB,
    unit: 'bytes',
    stops:
      'a server that answers without end, or with little that decompresses to much: the body counts as the vat sees it.',
  },
  fetchMs: {
    value: 30_000,
    unit: 'ms',
    stops:
      'a server that never gets done with its answer. Counts over all redirects.',
  },

  ...ioLimits,
  ...remoteLimits,

  // What clients hold
  leaseMs: {
    value: 24 * 60 * 60 * 1000,
    unit: 'ms',
    stops:
      'references that left through the socket and were forgotten: they may be collected after this time.',
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** What applies to one kernel: the values of the record, some of them set otherwise. */
export type LimitValues = Readonly<Record<LimitName, number>>;

export const limitValues = (
  overrides: Partial<LimitValues> = {},
): LimitValues => ({
  ...(Object.fromEntries(
    Object.entries(limits).map(([name, { value }]) => [name, value]),
  ) as LimitValues),
  ...overrides,
});

/** A limit as it applies to one kernel, and what it would be if nobody had set it. */
export type LimitReport = Limit & Readonly<{ name: LimitName; usual: number }>;

export const reportLimits = (values: LimitValues): readonly LimitReport[] =>
  Object.entries<Limit>(limits).map(([key, { value: usual, unit, stops }]) => {
    const name = key as LimitName;
    return { name, value: values[name], usual, unit, stops };
  });

/** What is wrong with setting this limit to this; `undefined` if nothing is. */
export const findLimitProblem = (
  name: string,
  value: unknown,
): string | undefined => {
  if (!Object.hasOwn(limits, name)) return `there is no limit "${name}"`;
  return Number.isSafeInteger(value) && Number(value) > 0
    ? undefined
    : `limits.${name} is not a whole number above 0`;
};
