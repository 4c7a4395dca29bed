/**
 * Most names that the kernel looks up for the first time are new, so they are
 * not in the database either. These know it from the numbers in the names, which
 * are given out in order, and save the look.
 */
import {
  isPromiseRef,
  type EndpointId,
  type KRef,
  type VRef,
} from '@ocap/kernel-utils';
import type { Counter } from './counters.ts';
import type { Newness } from './table.ts';

/** Of tables whose keys end with a kref. */
export const makeKrefNewness = <Key extends string>(
  lastId: (counter: Counter) => number,
): Newness<Key> => {
  let lastObject = 0;
  let lastPromise = 0;
  const mark = (): void => {
    lastObject = lastId('object');
    lastPromise = lastId('promise');
  };
  mark();
  return {
    isNew: (key: Key) => {
      const kref = key.slice(key.lastIndexOf(' ') + 1) as KRef;
      const last = isPromiseRef(kref) ? lastPromise : lastObject;
      return Number(kref.slice(2)) > last;
    },
    onEmptied: mark,
  };
};

/** Of keys (`endpoint vref`) with names that endpoints give to their own promises. */
export type ExportNewness = Newness<string> &
  Readonly<{
    /** The name is in use from now on. */
    note(endpoint: EndpointId, ref: VRef): void;
  }>;

export const makeExportNewness = (
  /** The greatest number in such a name of the endpoint that is in the database. */
  newestIn: (endpoint: EndpointId) => number,
): ExportNewness => {
  // An endpoint may choose its numbers as it likes: what counts is the greatest
  // one that it has ever used here, not the last.
  const noted = new Map<EndpointId, number>();
  const read = new Set<EndpointId>();
  const newestOf = (endpoint: EndpointId): number => {
    const known = noted.get(endpoint) ?? 0;
    if (read.has(endpoint)) {
      return known;
    }
    read.add(endpoint);
    const newest = Math.max(known, newestIn(endpoint));
    noted.set(endpoint, newest);
    return newest;
  };
  return {
    isNew: (key: string) => {
      const space = key.indexOf(' ');
      const ref = key.slice(space + 1);
      return (
        ref.startsWith('p+') &&
        Number(ref.slice(2)) > newestOf(key.slice(0, space) as EndpointId)
      );
    },
    note: (endpoint: EndpointId, ref: VRef) => {
      if (ref.startsWith('p+')) {
        const number = Number(ref.slice(2));
        noted.set(endpoint, Math.max(noted.get(endpoint) ?? 0, number));
      }
    },
    // It does not depend on what is in memory.
    onEmptied: () => undefined,
  };
};
