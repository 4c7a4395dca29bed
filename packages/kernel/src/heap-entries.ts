/**
 * The entries of a vat's c-list that its heap may be all that there is of them:
 * its promises, exports that do not outlive a process, and imports to which no
 * stored value refers. What durable state holds is skipped without being read,
 * so a vat that has very much of it is started, or put to sleep, as quickly as a
 * small one. Pages are read between savepoints.
 */
import { outlivesProcess, type VatId } from '@ocap/kernel-utils';
import type { KernelStore } from './store/kernel-store.ts';
import type { ClistEntry } from './store/rows.ts';

type Page = readonly ClistEntry[];

/** Entries of a page; of the last one there may be less. */
export const PAGE = 500;
/** Imports that are looked at in one go, of which most vats have few that are loose: some milliseconds. */
const LOOKED_AT = 5000;

type Bounds = Readonly<{ after: string; before: string }>;

/** Exports that are not durable objects have vrefs between these, and the root object has one. */
const heapExports: readonly Bounds[] = [
  { after: 'o+', before: 'o+d' },
  { after: 'o+e', before: 'o,' },
];
const promises: Bounds = { after: 'p', before: 'q' };

function* between(
  store: Pick<KernelStore, 'scan'>,
  vatId: VatId,
  { after, before }: Bounds,
): Generator<Page> {
  for (let from: string | undefined = after; from !== undefined;) {
    const bounds: Bounds = { after: from, before };
    const page: Page = [...store.scan().clistBetween(vatId, bounds, PAGE)];
    yield page;
    from = page[PAGE - 1]?.vref;
  }
}

export const promiseEntries = (
  store: Pick<KernelStore, 'scan'>,
  vatId: VatId,
): Generator<Page> => between(store, vatId, promises);

/** Its promises, and the exports that only its heap can answer for. */
export function* ownHeapEntries(
  store: Pick<KernelStore, 'scan'>,
  vatId: VatId,
): Generator<Page> {
  for (const bounds of heapExports) {
    for (const page of between(store, vatId, bounds)) {
      yield page.filter(({ vref }) => !outlivesProcess(vref));
    }
  }
  yield* promiseEntries(store, vatId);
}

/** (liveslots counts stored references to an import under one key, and weak collections that have it under the other.) */
const keys = { counter: 'vom.rc.', recognizer: 'vom.ir.' };

/**
 * The imports that no stored value refers to; and not those that the vat cannot
 * reach, but for which a weak collection has an entry.
 */
export function* looseImports(
  store: Pick<KernelStore, 'scan'>,
  vatId: VatId,
): Generator<Page> {
  for (let after: string | undefined = 'o-'; after !== undefined;) {
    const { entries, last } = store
      .scan()
      .uncountedImports(vatId, keys, after, LOOKED_AT);
    for (let at = 0; at < entries.length || at === 0; at += PAGE) {
      yield entries.slice(at, at + PAGE);
    }
    after = last;
  }
}
