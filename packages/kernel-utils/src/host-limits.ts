/** Caps on the processes of vats, and on how many vats are awake in them. */
import { MiB, type Limit } from './limit.ts';

export const hostLimits = {
  idleMs: {
    value: 10 * 60 * 1000,
    unit: 'ms',
    stops:
      'vats that have nothing to do from holding memory: after so long they are put to sleep until the next message.',
  },
  hostHeapBytes: {
    value: 256 * MiB,
    unit: 'bytes',
    stops:
      'a vat that allocates without end: its host dies, the daemon does not.',
  },
  hostDataBytes: {
    value: 1024 * MiB,
    unit: 'bytes',
    stops:
      'memory outside of the JavaScript heap (ArrayBuffers), set by the OS.',
  },
  hostVats: {
    value: 500,
    unit: 'count',
    stops:
      'vats that each keep to their part and together fill the memory of one host. Further ones of the same placement get another host.',
  },
  awakeVats: {
    value: 1000,
    unit: 'count',
    stops:
      'launches of thousands of vats, which would all stay in memory until they have been idle for idleMs: beyond it those that were quiet for longest are put to sleep at once. Vats that are at work, or whose heap is needed, stay awake.',
  },
} as const satisfies Record<string, Limit>;
