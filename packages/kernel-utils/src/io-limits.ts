/** Caps on what goes through IO channels. */
import { KiB, MiB, type Limit } from './limit.ts';

export const ioLimits = {
  ioChannels: {
    value: 256,
    unit: 'count',
    stops:
      'configs that open files and sockets until the descriptors run out. Counts the open channels of all subclusters.',
  },
  ioReadsWaiting: {
    value: 16,
    unit: 'count',
    stops: 'a vat that asks a channel for lines and does not wait for them.',
  },
  ioCallsWaiting: {
    value: 1024,
    unit: 'count',
    stops:
      'a vat that writes to a channel faster than the other side reads: calls of one channel other than read that wait.',
  },
  ioUnwrittenBytes: {
    value: 8 * MiB,
    unit: 'bytes',
    stops:
      'the same by few large texts. Bounds what one call can write, too. Counts for each channel, and not what is on disk: a vat that may write files can fill it.',
  },
  ioLineBytes: {
    value: 1 * MiB,
    unit: 'bytes',
    stops:
      'a line without end; whoever sends it through a socket is cut off, a file that has it cannot be read on.',
  },
  ioUnreadBytes: {
    value: 256 * KiB,
    unit: 'bytes',
    stops:
      'whoever sends lines that no vat reads: beyond this nothing more is taken from the connection until one is read.',
  },
  ioClients: {
    value: 16,
    unit: 'count',
    stops:
      'programs that connect to a socket until the descriptors run out: the one that is heard and those that wait for their turn; further ones are cut off.',
  },
  ioConnectMs: {
    value: 10_000,
    unit: 'ms',
    stops:
      'a host that takes connections and says nothing, or that is not there: time to connect, with TLS.',
  },
  ioFileBytes: {
    value: 8 * MiB,
    unit: 'bytes',
    stops: 'a vat that reads a huge file of a folder into the daemon’s memory.',
  },
  ioFolderEntries: {
    value: 10_000,
    unit: 'count',
    stops: 'a vat that lists a folder with files without end.',
  },
} as const satisfies Record<string, Limit>;
