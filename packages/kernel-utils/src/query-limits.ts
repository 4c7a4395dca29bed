/** Caps on the SQL that clients may run: see `executeDBQuery`. */
import { MiB, type Limit } from './limit.ts';

export const queryLimits = {
  queryMs: {
    value: 5000,
    unit: 'ms',
    stops:
      'a query that never ends, such as a join of everything with everything. It runs in a process of its own, so nothing but other queries waits for it.',
  },
  queryRows: {
    value: 10_000,
    unit: 'count',
    stops:
      'a query with so many rows that answering with them takes the daemon.',
  },
  queryBytes: {
    value: 4 * MiB,
    unit: 'bytes',
    stops: 'the same by few large rows. Counts the JSON of the rows.',
  },
} as const satisfies Record<string, Limit>;
