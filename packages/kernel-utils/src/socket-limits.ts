/** Caps on what clients do at the socket. */
import { MiB, type Limit } from './limit.ts';

export const socketLimits = {
  lineBytes: {
    value: 8 * MiB,
    unit: 'bytes',
    stops:
      'a request line without end, which would fill the daemon’s memory. Does not bound the answer: see unreadOutputBytes.',
  },
  nestingLevels: {
    value: 128,
    unit: 'levels',
    stops: 'JSON so deep that walking it overflows the stack.',
  },
  requestParts: {
    value: 100_000,
    unit: 'count',
    stops:
      'a line of a million keys or numbers: reading it takes a hundred times longer than its length lets expect. Counts opening brackets, commas and colons as they are written: about the values and keys; with 16 other characters for each outside of strings.',
  },
  connections: {
    value: 256,
    unit: 'count',
    stops:
      'a client that opens connections until the descriptors run out. When all are taken, one that makes no use of its place gives it to a new one: see connectionStalledMs and connectionUnusedMs.',
  },
  connectionStalledMs: {
    value: 1000,
    unit: 'ms',
    stops:
      'connections that are opened and say nothing, or a byte now and then, or ask and do not read, until nobody else finds a place: one that has for longer not finished its first line, or not taken what it was sent, gives its place to a new one, if all are taken. Does not end it as long as there are places.',
  },
  connectionUnusedMs: {
    value: 5000,
    unit: 'ms',
    stops:
      'the same by connections that nobody uses any more: one that has not finished a line for longer gives its place to a new one, if all are taken; unless it waits for an answer, has subscriptions or was authorized. Does not stop who uses all places all the time.',
  },
  requestsInFlight: {
    value: 1024,
    unit: 'count',
    stops:
      'a client that sends faster than it is answered; further requests on that connection are not read until one is answered.',
  },
  unreadOutputBytes: {
    value: 64 * MiB,
    unit: 'bytes',
    stops: 'a client that asks and never reads; it is disconnected.',
  },
  unreadTotalBytes: {
    value: 256 * MiB,
    unit: 'bytes',
    stops:
      'many clients that ask and never read, each within unreadOutputBytes: whoever has the most unread is disconnected.',
  },
  subscriptions: {
    value: 16,
    unit: 'count',
    stops:
      'a client that subscribes again and again on one connection, so that each event is sent many times. What it does not read counts as unreadOutputBytes.',
  },
  logLinesKept: {
    value: 1000,
    unit: 'count',
    stops:
      'the lines of the log that are kept in memory for subscribers growing for ever; older ones are in the file only.',
  },
} as const satisfies Record<string, Limit>;
