/** Keys in the order of the database, for a store small enough to be held whole. */
import harden from '@endo/harden';

export type SortedKeys = Readonly<{
  add(key: string): void;
  remove(key: string): void;
  after(prior: string): string | undefined;
}>;

export const makeSortedKeys = (keys: readonly string[]): SortedKeys => {
  const sorted = [...keys].sort(compareKeys);

  /** The place of the first key that is not before `key`. */
  const find = (key: string): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(sorted[middle] as string, key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };

  return harden({
    add: (key: string) => {
      const place = find(key);
      if (sorted[place] !== key) {
        sorted.splice(place, 0, key);
      }
    },
    remove: (key: string) => {
      const place = find(key);
      if (sorted[place] === key) {
        sorted.splice(place, 1);
      }
    },
    after: (prior: string) => {
      const place = find(prior);
      return sorted[place] === prior ? sorted[place + 1] : sorted[place];
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
