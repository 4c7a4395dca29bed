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
  delete(key: Key): void;
  /** Writes what changed to the backend. Not within a savepoint. */
  flush(): void;
}>;

/** Rows kept in memory per table after a flush; beyond it the cache starts anew. */
const CACHED_ROWS = 20_000;

export const makeTable = <Key extends string | number, Row>(
  journal: Journal,
  backend: TableBackend<Key, Row>,
  cachedRows = CACHED_ROWS,
): Table<Key, Row> => {
  const cache = new Map<Key, Row | undefined>();
  const dirty = new Set<Key>();
  // Of the dirty rows, those that the database does not hold: removing one
  // of them before it was ever written costs nothing.
  const unwritten = new Set<Key>();

  const get = (key: Key): Row | undefined => {
    const row = cache.get(key);
    if (row !== undefined || cache.has(key)) {
      return row;
    }
    const found = backend.read(key);
    cache.set(key, found);
    return found;
  };

  const put = (key: Key, row: Row | undefined): void => {
    const before = get(key);
    if (before === undefined && row !== undefined && !dirty.has(key)) {
      unwritten.add(key);
    }
    dirty.add(key);
    cache.set(key, row);
    journal.record(() => {
      // The key stays dirty: writing an unchanged row is harmless.
      cache.set(key, before);
    });
  };

  return harden({
    get,
    set: (key: Key, row: Row) => put(key, row),
    delete: (key: Key) => {
      if (get(key) !== undefined) {
        put(key, undefined);
      }
    },
    flush: () => {
      for (const key of dirty) {
        const row = cache.get(key);
        if (row !== undefined) {
          backend.write(key, row);
        } else if (!unwritten.has(key)) {
          backend.remove(key);
        }
      }
      dirty.clear();
      unwritten.clear();
      if (cache.size > cachedRows) {
        cache.clear();
      }
    },
  });
};
