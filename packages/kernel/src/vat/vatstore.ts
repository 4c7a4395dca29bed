/**
 * A vat's durable store as its host sees it: a cache of what it has read, the
 * writes of the crank under way on top, and a channel on which it asks the
 * kernel for the rest. liveslots reads synchronously, so asking blocks.
 */
import harden from '@endo/harden';
import type { VatId } from '@ocap/kernel-utils';
import type { ReadReply, ReadRequest, VatstoreEntry } from './protocol.ts';
import { compareKeys, makeSortedKeys, type SortedKeys } from './sorted-keys.ts';
import type { StoreCaches } from './store-caches.ts';

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
  /** Gives up what it has in memory. */
  close(): void;
}>;

/** Entries asked for at a time while iterating. */
const PAGE = 50;

export const makeVatstore = ({
  vat,
  entries,
  complete,
  caches,
  read,
}: Readonly<{
  vat: VatId;
  entries: readonly VatstoreEntry[];
  /** Whether `entries` is the whole store. */
  complete: boolean;
  /** Those of the host. */
  caches: StoreCaches;
  read: (request: ReadRequest) => ReadReply;
}>): Vatstore => {
  const cache = caches.open(() => {
    whole = undefined;
    forgetOrder();
  });
  for (const [key, value] of entries) {
    cache.set(key, value);
  }
  const writes = new Map<string, string | null>();
  // Deliveries are sent ahead of each other's answers, so the kernel's rows may
  // lack what this host has written in the deliveries before.
  const unconfirmed = new Map<string, { value: string | null; seq: number }>();
  // While it is there, the cache is the whole store, and nothing need be asked.
  let whole: SortedKeys | undefined = complete
    ? makeSortedKeys(cache.keys())
    : undefined;
  // Otherwise: which committed key follows which, as far as pages have told.
  const successors = new Map<string, string | undefined>();
  // And of those that this host has deleted, which is the next that it has not:
  // or was, if that is deleted since.
  const passes = new Map<string, string | undefined>();
  const forgetOrder = (): void => {
    successors.clear();
    passes.clear();
  };
  // The keys of `writes` and of `unconfirmed` that have a value.
  const fresh = makeSortedKeys();
  const pending = makeSortedKeys();

  const committed = (key: string): string | undefined => {
    if (whole !== undefined || cache.has(key)) {
      return cache.get(key);
    }
    const reply = read({ vat, get: key });
    const value = 'value' in reply ? (reply.value ?? undefined) : undefined;
    cache.set(key, value);
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
          cache.set(key, value);
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

  /** Of the keys that this host has written and the cache does not order, the first after `prior`. */
  const writtenAfter = (prior: string): string | undefined => {
    const own = fresh.after(prior);
    const earlier = whole === undefined ? pending.after(prior) : undefined;
    if (own === undefined || earlier === undefined) {
      return own ?? earlier;
    }
    return compareKeys(own, earlier) < 0 ? own : earlier;
  };

  /** Of the committed keys that this host has not deleted, the first after `prior`. */
  const keptAfter = (prior: string): string | undefined => {
    const passed: string[] = [];
    const next = (from: string): string | undefined =>
      passes.has(from) ? passes.get(from) : committedAfter(from);
    let found = next(prior);
    while (found !== undefined && written(found) === null) {
      passed.push(found);
      found = next(found);
    }
    // A crank that deletes many neighbours must not pass them all again each time.
    for (const key of passed) {
      passes.set(key, found);
    }
    return found;
  };

  return harden({
    get: (key: string) => {
      const value = written(key);
      return value === undefined ? committed(key) : (value ?? undefined);
    },
    getNextKey: (prior: string) => {
      const stored = keptAfter(prior);
      const own = writtenAfter(prior);
      if (stored === undefined || own === undefined) {
        return stored ?? own;
      }
      return compareKeys(stored, own) < 0 ? stored : own;
    },
    set: (key: string, value: string) => {
      writes.set(key, value);
      fresh.add(key);
    },
    delete: (key: string) => {
      writes.set(key, null);
      fresh.remove(key);
      pending.remove(key);
    },
    takeWrites: (seq: number) => {
      const taken = [...writes];
      writes.clear();
      if (taken.length > 0) {
        fresh.clear();
        forgetOrder();
      }
      for (const [key, value] of taken) {
        unconfirmed.set(key, { value, seq });
        if (value !== null) {
          pending.add(key);
        }
        // Keys that are gone seldom come again: to remember them would fill memory.
        if (value === null) {
          cache.delete(key);
          whole?.remove(key);
        } else {
          cache.set(key, value);
          whole?.add(key);
        }
      }
      caches.trim();
      return taken;
    },
    confirm: (upTo: number) => {
      for (const [key, { seq }] of unconfirmed) {
        if (seq <= upTo) {
          unconfirmed.delete(key);
          pending.remove(key);
          // The kernel's pages have it from now on; what they told before is old.
          forgetOrder();
        }
      }
    },
    close: cache.close,
  });
};
