/** Keys in the order of the database. */
import harden from '@endo/harden';

export type SortedKeys = Readonly<{
  add(key: string): void;
  remove(key: string): void;
  clear(): void;
  /** The first key after `prior`, whether or not that is one. */
  after(prior: string): string | undefined;
}>;

/** Beyond this a chunk is divided, so that no step moves more than so many keys. */
const CHUNK = 512;

/** The place of the first that is not before `key`; `keyAt` is in order. */
const placeOf = (
  key: string,
  length: number,
  keyAt: (place: number) => string,
): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keyAt(middle), key) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
};

/** In chunks, one after the other: a single array moves half of its keys for each that comes or goes. */
export const makeSortedKeys = (keys: readonly string[] = []): SortedKeys => {
  const sorted = [...keys].sort(compareKeys);
  // None is empty.
  const chunks: string[][] = [];
  for (let at = 0; at < sorted.length; at += CHUNK) {
    chunks.push(sorted.slice(at, at + CHUNK));
  }

  const lastOf = (at: number): string => chunks[at]?.at(-1) as string;

  /** Where `key` is, or would be: in the first chunk that does not end before it. */
  const find = (
    key: string,
  ): Readonly<{ at: number; chunk: string[]; place: number }> => {
    const at = placeOf(key, chunks.length, lastOf);
    const chunk = chunks[at] ?? [];
    const place = placeOf(key, chunk.length, (i) => chunk[i] as string);
    return { at, chunk, place };
  };

  /** Also behind the last one of all. */
  const insert = (key: string, at: number, place: number): void => {
    const chunk = chunks[at];
    if (chunk === undefined) {
      const last = chunks.at(-1);
      if (last === undefined || last.length >= CHUNK) {
        chunks.push([key]);
      } else {
        last.push(key);
      }
      return;
    }
    chunk.splice(place, 0, key);
    if (chunk.length > CHUNK) {
      chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
    }
  };

  return harden({
    add: (key: string) => {
      const { at, chunk, place } = find(key);
      if (chunk[place] !== key) {
        insert(key, at, place);
      }
    },
    remove: (key: string) => {
      const { at, chunk, place } = find(key);
      if (chunk[place] === key) {
        chunk.splice(place, 1);
        if (chunk.length === 0) {
          chunks.splice(at, 1);
        }
      }
    },
    clear: () => {
      chunks.length = 0;
    },
    after: (prior: string) => {
      const { at, chunk, place } = find(prior);
      const next = chunk[place] === prior ? place + 1 : place;
      return chunk[next] ?? chunks[at + 1]?.[0];
    },
  });
};

/**
 * The order of the database: by code point. (JavaScript's own `<` goes by
 * UTF-16 unit, which differs beyond the basic plane.)
 */
export const compareKeys = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) {
      return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
    }
  }
  return a.length - b.length;
};
