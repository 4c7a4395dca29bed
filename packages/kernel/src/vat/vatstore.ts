/**
 * A vat's durable store as its host sees it: a cache of what it has read, the
 * writes of the crank under way on top, and a channel on which it asks the
 * kernel for the rest. liveslots reads synchronously, so asking blocks.
 */
import harden from '@endo/harden';
import type { VatId } from '@ocap/kernel-utils';
import type { ReadReply, ReadRequest, VatstoreEntry } from './protocol.ts';
import { compareKeys, makeSortedKeys, type SortedKeys } from './sorted-keys.ts';

export type Vatstore = Readonly<{
  get(key: string): string | undefined;
  /** The first key after `prior`, wherever it leads. */
  getNextKey(prior: string): string | undefined;
  set(key: string, value: string): void;
  delete(key: string): void;
  /**
   * The writes of delivery `seq`, the final one for each key; null deletes. Until
   * the kernel confirms them they stand over what it answers.
   */
  takeWrites(seq: number): (readonly [string, string | null])[];
  /** The kernel has applied everything up to delivery `seq`. */
  confirm(seq: number): void;
}>;

/** Cached characters beyond which what was read is forgotten. */
const CACHED_CHARS = 1_000_000;
/** Entries asked for at a time while iterating. */
const PAGE = 50;

export const makeVatstore = ({
  vat,
  entries,
  complete,
  read,
}: Readonly<{
  vat: VatId;
  entries: readonly VatstoreEntry[];
  /** Whether `entries` is the whole store. */
  complete: boolean;
  read: (request: ReadRequest) => ReadReply;
}>): Vatstore => {
  const cache = new Map<string, string | undefined>(entries);
  const writes = new Map<string, string | null>();
  // Deliveries are sent ahead of each other's answers, so the kernel's rows may
  // lack what this host has written in the deliveries before.
  const unconfirmed = new Map<string, { value: string | null; seq: number }>();
  // While it is there, the cache is the whole store, and nothing need be asked.
  let whole: SortedKeys | undefined = complete
    ? makeSortedKeys([...cache.keys()])
    : undefined;
  // Otherwise: which committed key follows which, as far as pages have told.
  const successors = new Map<string, string | undefined>();
  let chars = entries.reduce((sum, [k, v]) => sum + k.length + v.length, 0);

  const remember = (key: string, value: string | undefined): void => {
    chars += key.length + (value?.length ?? 0);
    cache.set(key, value);
  };

  const committed = (key: string): string | undefined => {
    if (whole !== undefined || cache.has(key)) {
      return cache.get(key);
    }
    const reply = read({ vat, get: key });
    const value = 'value' in reply ? (reply.value ?? undefined) : undefined;
    remember(key, value);
    return value;
  };

  const committedAfter = (prior: string): string | undefined => {
    if (whole !== undefined) {
      return whole.after(prior);
    }
    if (!successors.has(prior)) {
      const reply = read({ vat, after: prior, count: PAGE });
      const page = 'entries' in reply ? reply.entries : [];
      let before = prior;
      for (const [key, value] of page) {
        if (!cache.has(key) && !unconfirmed.has(key)) {
          remember(key, value);
        }
        successors.set(before, key);
        before = key;
      }
      if (page.length < PAGE) {
        successors.set(before, undefined);
      }
    }
    return successors.get(prior);
  };

  /** What this host has written and the kernel may not know of; null deletes. */
  const written = (key: string): string | null | undefined => {
    const value = writes.get(key);
    return value === undefined ? unconfirmed.get(key)?.value : value;
  };

  /** Of the keys that this host has written, the first after `prior`. */
  const writtenAfter = (prior: string): string | undefined => {
    let found: string | undefined;
    const consider = (key: string): void => {
      if (
        compareKeys(key, prior) > 0 &&
        (found === undefined || compareKeys(key, found) < 0) &&
        typeof written(key) === 'string'
      ) {
        found = key;
      }
    };
    for (const key of writes.keys()) {
      consider(key);
    }
    for (const key of whole === undefined ? unconfirmed.keys() : []) {
      consider(key);
    }
    return found;
  };

  return harden({
    get: (key: string) => {
      const value = written(key);
      return value === undefined ? committed(key) : (value ?? undefined);
    },
    getNextKey: (prior: string) => {
      let stored = committedAfter(prior);
      while (stored !== undefined && written(stored) === null) {
        stored = committedAfter(stored);
      }
      const own = writtenAfter(prior);
      if (stored === undefined || own === undefined) {
        return stored ?? own;
      }
      return compareKeys(stored, own) < 0 ? stored : own;
    },
    set: (key: string, value: string) => {
      writes.set(key, value);
    },
    delete: (key: string) => {
      writes.set(key, null);
    },
    takeWrites: (seq: number) => {
      const taken = [...writes];
      writes.clear();
      if (taken.length > 0) {
        successors.clear();
      }
      for (const [key, value] of taken) {
        unconfirmed.set(key, { value, seq });
        if (whole !== undefined && value === null) {
          cache.delete(key);
          whole.remove(key);
        } else {
          remember(key, value ?? undefined);
          whole?.add(key);
        }
      }
      if (chars > CACHED_CHARS) {
        cache.clear();
        successors.clear();
        chars = 0;
        whole = undefined;
      }
      return taken;
    },
    confirm: (upTo: number) => {
      for (const [key, { seq }] of unconfirmed) {
        if (seq <= upTo) {
          unconfirmed.delete(key);
          // The kernel's pages have it from now on; what they told before is old.
          successors.clear();
        }
      }
    },
  });
};
