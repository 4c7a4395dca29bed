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
  /** Such names of the endpoint that are in the database, and others perhaps. */
  namesIn: (endpoint: EndpointId) => Iterable<VRef>,
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
    let newest = known;
    for (const ref of namesIn(endpoint)) {
      newest = Math.max(newest, numberIn(ref));
    }
    noted.set(endpoint, newest);
    return newest;
  };
  return {
    isNew: (key: string) => {
      const space = key.indexOf(' ');
      const ref = key.slice(space + 1);
      const number = numberIn(ref);
      return number > 0 && number > newestOf(key.slice(0, space) as EndpointId);
    },
    note: (endpoint: EndpointId, ref: VRef) => {
      const newest = noted.get(endpoint) ?? 0;
      if (numberIn(ref) > newest) {
        noted.set(endpoint, numberIn(ref));
      }
    },
    // It does not depend on what is in memory.
    onEmptied: () => undefined,
  };
};

/** N of a name `p+N`, which counts from 1; 0 for any other name. */
const numberIn = (ref: string): number =>
  ref.startsWith('p+') ? Number(ref.slice(2)) : 0;
