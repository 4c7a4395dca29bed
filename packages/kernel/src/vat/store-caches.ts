/**
 * What the vats of a host know of their stores without asking the kernel. There
 * is one bound for all of them: the vat that keeps the most gives up what it
 * has not used for the longest time.
 */
import harden from '@endo/harden';

export type StoreCache = Readonly<{
  has(key: string): boolean;
  /** `undefined` also of a key that is known not to be in the store. */
  get(key: string): string | undefined;
  set(key: string, value: string | undefined): void;
  delete(key: string): void;
  keys(): readonly string[];
  /** Gives everything up, for good. */
  close(): void;
}>;

export type StoreCaches = Readonly<{
  /** `onTrimmed` is called when this one has given up some of what it kept. */
  open(onTrimmed: () => void): StoreCache;
  /** Returns to the bound. Between cranks, as iterators rely on what they have read. */
  trim(): void;
}>;

/** What a Map takes for an entry, beside its text. */
const ENTRY_CHARS = 64;
/** So much is kept of what is trimmed: less would be asked for again, more trimmed all the time. */
const KEPT = 7 / 8;

const charsOf = (key: string, value: string | undefined): number =>
  ENTRY_CHARS + key.length + (value?.length ?? 0);

export const makeStoreCaches = (maxChars: number): StoreCaches => {
  const opened = new Set<ReturnType<typeof makeCache>>();
  let total = 0;

  const makeCache = (onTrimmed: () => void) => {
    // In the order in which they were last used.
    const entries = new Map<string, string | undefined>();
    let chars = 0;
    let closed = false;
    const count = (more: number): void => {
      chars += more;
      // What a vat that has ended still does is nobody's.
      total += closed ? 0 : more;
    };
    const remove = (key: string): void => {
      const value = entries.get(key);
      if (entries.delete(key)) {
        count(-charsOf(key, value));
      }
    };
    return {
      entries,
      chars: () => chars,
      get: (key: string) => {
        const value = entries.get(key);
        if (entries.delete(key)) {
          entries.set(key, value);
        }
        return value;
      },
      set: (key: string, value: string | undefined) => {
        remove(key);
        entries.set(key, value);
        count(charsOf(key, value));
      },
      remove,
      trimTo: (most: number) => {
        for (const key of entries.keys()) {
          if (chars <= most) {
            break;
          }
          remove(key);
        }
        onTrimmed();
      },
      end: () => {
        total -= chars;
        closed = true;
        entries.clear();
        onTrimmed();
      },
    };
  };

  return harden({
    open: (onTrimmed: () => void) => {
      const cache = makeCache(onTrimmed);
      opened.add(cache);
      return harden({
        has: (key: string) => cache.entries.has(key),
        get: cache.get,
        set: cache.set,
        delete: cache.remove,
        keys: () => [...cache.entries.keys()],
        close: () => {
          opened.delete(cache);
          cache.end();
        },
      });
    },
    trim: () => {
      while (total > maxChars) {
        const largest = [...opened].reduce((a, b) =>
          a.chars() < b.chars() ? b : a,
        );
        largest.trimTo(largest.chars() * KEPT);
      }
    },
  });
};
