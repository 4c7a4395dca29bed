/**
 * One table of the store as the kernel uses it: reads go through a cache,
 * writes stay in memory until the store flushes them into the transaction that
 * is about to commit. A row that comes and goes between two commits (most
 * promises and inbox items do) never touches the disk.
 */
import harden from '@endo/harden';
import type { Journal } from './journal.ts';

/** What a table needs of the database. Rows are frozen values. */
export type TableBackend<Key extends string | number, Row> = Readonly<{
  read(key: Key): Row | undefined;
  write(key: Key, row: Row): void;
  remove(key: Key): void;
}>;

export type Table<Key extends string | number, Row> = Readonly<{
  get(key: Key): Row | undefined;
  set(key: Key, row: Row): void;
  /** The same where the caller knows that there is no row yet: it saves the look. */
  add(key: Key, row: Row): void;
  delete(key: Key): void;
  /** Writes what changed to the backend. Not within a savepoint. */
  flush(): void;
  /** What was flushed is on disk. */
  onCommitted(): void;
  /** What was flushed since the last commit is not in the database after all; the next flush writes it again. */
  onUndone(): void;
}>;

/** Rows kept in memory per table after a commit; beyond it the cache starts anew. */
const CACHED_ROWS = 4_000;
/** The same in characters, where rows can be large. */
const CACHED_CHARS = 4 * 1024 * 1024;

export type CacheOptions<Key, Row> = Readonly<{
  rows?: number;
  /** About how many characters a row has; by default they are small. */
  charsOf?: (row: Row) => number;
  /** Which keys need not be looked for in the database. */
  newness?: Newness<Key>;
}>;

/** Knows keys that did not exist when the cache was last empty: their rows are in it or nowhere. */
export type Newness<Key> = Readonly<{
  isNew(key: Key): boolean;
  /** The cache is empty: whatever exists now may be in the database alone. */
  onEmptied(): void;
}>;

export const makeTable = <Key extends string | number, Row>(
  journal: Journal,
  backend: TableBackend<Key, Row>,
  {
    rows = CACHED_ROWS,
    charsOf = () => 0,
    newness,
  }: CacheOptions<Key, Row> = {},
): Table<Key, Row> => {
  // Of all rows that came into the cache since it was empty: what has left it
  // again counts too, which only makes it start anew a little earlier.
  let cachedChars = 0;
  const remember = (key: Key, row: Row | undefined): void => {
    cache.set(key, row);
    cachedChars += row === undefined ? 0 : charsOf(row);
  };
  const cache = new Map<Key, Row | undefined>();
  const dirty = new Set<Key>();
  // Of the dirty rows, those that the database does not hold: removing one
  // of them before it was ever written costs nothing.
  const unwritten = new Set<Key>();
  // Rows that the database holds, but would lose if the commit came to nothing.
  const uncommitted = new Set<Key>();

  const get = (key: Key): Row | undefined => {
    const row = cache.get(key);
    if (row !== undefined || cache.has(key)) {
      return row;
    }
    if (newness?.isNew(key) === true) {
      return undefined;
    }
    const found = backend.read(key);
    remember(key, found);
    return found;
  };

  const put = (
    key: Key,
    row: Row | undefined,
    before: Row | undefined,
  ): void => {
    if (before === undefined && row !== undefined && !dirty.has(key)) {
      unwritten.add(key);
    }
    dirty.add(key);
    remember(key, row);
    journal.record(() => {
      // The key stays dirty: writing an unchanged row is harmless.
      cache.set(key, before);
    });
  };

  return harden({
    get,
    set: (key: Key, row: Row) => put(key, row, get(key)),
    add: (key: Key, row: Row) => put(key, row, undefined),
    delete: (key: Key) => {
      const before = get(key);
      if (before !== undefined) {
        put(key, undefined, before);
      }
    },
    flush: () => {
      for (const key of dirty) {
        const row = cache.get(key);
        if (row !== undefined) {
          backend.write(key, row);
          uncommitted.add(key);
        } else if (!unwritten.has(key)) {
          backend.remove(key);
          uncommitted.add(key);
        }
      }
      dirty.clear();
      unwritten.clear();
    },
    onCommitted: () => {
      uncommitted.clear();
      // Never before: what is only here would be lost if the commit came to nothing.
      if (
        dirty.size === 0 &&
        (cache.size > rows || cachedChars > CACHED_CHARS)
      ) {
        cache.clear();
        cachedChars = 0;
        newness?.onEmptied();
      }
    },
    onUndone: () => {
      for (const key of uncommitted) {
        dirty.add(key);
        unwritten.delete(key);
      }
      uncommitted.clear();
    },
  });
};
