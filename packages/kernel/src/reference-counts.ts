/**
 * Reference counts, and the collector that acts when one falls to zero. The
 * rules are SwingSet's: an object is `reachable` while something can call it and
 * `recognizable` while something could still compare it; each c-list import,
 * queued message, settled promise, petname and lease holds one.
 */
import harden from '@endo/harden';
import {
  fail,
  isExport,
  isPromiseRef,
  isRemoteId,
  KERNEL,
  promiseKRef,
  type KRef,
  type EndpointId,
} from '@ocap/kernel-utils';
import type { KernelStore } from './store/kernel-store.ts';
import type { ObjectRow, PromiseRow } from './store/rows.ts';

export type ReferenceCounts = Readonly<{
  object(kref: KRef): ObjectRow;
  promise(kref: KRef): PromiseRow;
  /** One more reference that keeps the thing reachable. */
  hold(kref: KRef): void;
  release(kref: KRef): void;
  holdAll(krefs: readonly KRef[]): void;
  releaseAll(krefs: readonly KRef[]): void;
  /** Changes the two counts of an object, or the one of a promise (by `recognizable`). */
  count(kref: KRef, reachable: number, recognizable: number): void;
  /** Has `collect` look at the thing. */
  suspect(kref: KRef): void;
  makePromise(
    fields: Pick<PromiseRow, 'awaited' | 'requestId'>,
    refs: number,
  ): KRef;
  /** Acts on every count that fell to zero since the last time. */
  collect(): void;
}>;

export const makeReferenceCounts = (
  store: KernelStore,
  vatIds: () => Iterable<EndpointId>,
  on: Readonly<{
    objectGone(kref: KRef): void;
    /** Nobody can call what is reached in two ways: whether it is given up in steps. */
    shortcutIdle(kref: KRef): boolean;
  }>,
): ReferenceCounts => {
  const { objects, promises, clist, gcActions, shortcuts } = store;
  // Kept across a rollback: looking at a healthy count does no harm.
  const suspects = new Set<KRef>();

  const object = (kref: KRef): ObjectRow => {
    const row = objects.get(kref);
    if (row === undefined) {
      throw fail('INVARIANT', { what: `${kref} has no row` });
    }
    return row;
  };
  const promise = (kref: KRef): PromiseRow => {
    const row = promises.get(kref);
    if (row === undefined) {
      throw fail('INVARIANT', { what: `${kref} has no row` });
    }
    return row;
  };

  const count = (kref: KRef, reachable: number, recognizable: number): void => {
    if (isPromiseRef(kref)) {
      const row = promise(kref);
      promises.set(kref, { ...row, refs: row.refs + recognizable });
    } else {
      const row = object(kref);
      objects.set(kref, {
        ...row,
        reachable: row.reachable + reachable,
        recognizable: row.recognizable + recognizable,
      });
    }
    if (reachable < 0 || recognizable < 0) {
      suspects.add(kref);
    }
  };
  const hold = (kref: KRef): void => count(kref, 1, 1);
  const release = (kref: KRef): void => count(kref, -1, -1);

  /** Those who could still recognize it are told that it will not come back. */
  const retireFromImporters = (kref: KRef): void => {
    for (const id of vatIds()) {
      const row = clist.get(id, kref);
      if (row !== undefined && !isExport(row.vref)) {
        gcActions.add(id, 'retireImport', kref);
      }
    }
  };

  /** A grant holds the one that it was made from. */
  const forgetGrant = (kref: KRef): void => {
    const parent = store.grants.get(kref)?.parent ?? null;
    store.grants.delete(kref);
    if (parent !== null) {
      release(parent);
    }
  };

  const collectObject = (kref: KRef): void => {
    const row = objects.get(kref);
    if (row === undefined || row.reachable > 0) {
      return;
    }
    if (row.owner === null || row.owner === KERNEL) {
      if (row.recognizable === 0) {
        on.objectGone(kref);
        objects.delete(kref);
        forgetGrant(kref);
      } else {
        retireFromImporters(kref);
      }
      return;
    }
    const isShort = isRemoteId(row.owner) && shortcuts.get(kref) !== undefined;
    if (isShort && on.shortcutIdle(kref)) {
      return;
    }
    const entry = clist.get(row.owner, kref);
    if (entry?.reachable === true) {
      gcActions.add(row.owner, 'dropExport', kref);
    }
    if (row.recognizable === 0) {
      gcActions.add(row.owner, 'retireExport', kref);
    }
  };

  /**
   * Settled promises that only refer to each other are held by nobody. What
   * hangs together with `start` is looked at as a whole: references from within
   * do not count, and what an outside reference leads to stays.
   */
  const collectCycle = (start: KRef): void => {
    const rows = new Map<KRef, PromiseRow>();
    const inner = new Map<KRef, number>();
    const found = new Set<KRef>([start]);
    for (const kref of found) {
      const row = promise(kref);
      if (row.data === null) {
        continue; // unresolved: somebody will still settle it
      }
      rows.set(kref, row);
      for (const slot of row.data.slots.filter(isPromiseRef)) {
        inner.set(slot, (inner.get(slot) ?? 0) + 1);
        found.add(slot);
      }
    }
    const kept = new Set<KRef>();
    for (const [kref, { refs }] of rows) {
      if (refs > (inner.get(kref) ?? 0)) {
        kept.add(kref);
      }
    }
    for (const kref of kept) {
      rows
        .get(kref)
        ?.data?.slots.filter(isPromiseRef)
        .forEach((slot) => {
          kept.add(slot);
        });
    }
    for (const [kref, row] of rows) {
      if (!kept.has(kref)) {
        promises.delete(kref);
        row.data?.slots.forEach((slot) => {
          if (kept.has(slot) || !rows.has(slot)) {
            release(slot);
          }
        });
      }
    }
  };

  const collectPromise = (kref: KRef): void => {
    const row = promises.get(kref);
    if (row === undefined) {
      return;
    }
    if (row.refs === 0) {
      row.data?.slots.forEach(release);
      promises.delete(kref);
    } else if (row.data?.slots.some(isPromiseRef) === true) {
      collectCycle(kref);
    }
  };

  return harden({
    object,
    promise,
    hold,
    release,
    holdAll: (krefs: readonly KRef[]) => krefs.forEach(hold),
    releaseAll: (krefs: readonly KRef[]) => krefs.forEach(release),
    count,
    suspect: (kref: KRef) => {
      suspects.add(kref);
    },
    makePromise: (
      fields: Pick<PromiseRow, 'awaited' | 'requestId'>,
      refs: number,
    ) => {
      const kref = promiseKRef(store.nextId('promise'));
      promises.add(kref, {
        state: 'unresolved',
        decider: null,
        subscribers: [],
        refs,
        data: null,
        settledBy: null,
        ...fields,
      });
      return kref;
    },
    collect: () => {
      // Releasing slots can make further suspects; the set grows under the loop.
      for (const kref of suspects) {
        suspects.delete(kref);
        if (isPromiseRef(kref)) {
          collectPromise(kref);
        } else {
          collectObject(kref);
        }
      }
    },
  });
};
