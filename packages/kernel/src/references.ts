/**
 * Who can reach what: the c-lists between the kernel's names and each vat's
 * own, over the reference counts. A kref never enters a vat, a vref never
 * leaves one.
 */
import harden from '@endo/harden';
import {
  fail,
  isExport,
  isPromiseRef,
  isRemoteId,
  objectKRef,
  promiseKRef,
  vref,
  type CapData,
  type KRef,
  type VRef,
  type EndpointId,
} from '@ocap/kernel-utils';
import type { Caps } from './caps.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import {
  makeReferenceCounts,
  type ReferenceCounts,
} from './reference-counts.ts';
import type { KernelStore } from './store/kernel-store.ts';
import type { Table } from './store/table.ts';

export type References = Omit<ReferenceCounts, 'count' | 'suspect'> &
  Readonly<{
    /** The vat's name for the thing, which it can reach from now on. */
    toVat(vatId: EndpointId, kref: KRef): VRef;
    toVatData(vatId: EndpointId, data: CapData<KRef>): CapData<VRef>;
    /** What the vat means; it must be in its c-list or be a new export. */
    toKernel(vatId: EndpointId, ref: VRef): KRef;
    toKernelData(vatId: EndpointId, data: CapData<VRef>): CapData<KRef>;

    dropImport(vatId: EndpointId, ref: VRef): void;
    retireImport(vatId: EndpointId, ref: VRef): void;
    retireExport(vatId: EndpointId, ref: VRef): void;
    /** The vat can no longer answer for what it exported; calls fail with `reason`. */
    abandonExport(vatId: EndpointId, kref: KRef, reason: string): void;
    /** Removes a promise from the c-list of a vat that is done with it. */
    forgetPromise(vatId: EndpointId, kref: KRef): void;
  }>;

export const makeReferences = (
  store: KernelStore,
  vatIds: () => Iterable<EndpointId>,
  caps: Pick<Caps, 'onImportGone' | 'onObjectGone'> &
    Readonly<{
      /** The endpoint cannot call the object any more. */
      onImportDropped(id: EndpointId, kref: KRef): void;
      /**
       * Nobody can call an object any more that is reached in two ways. Whether
       * it is given up in steps, and not now.
       */
      onShortcutIdle(kref: KRef): boolean;
    }>,
): References => {
  const { objects, promises, clist, gcActions, shortcuts } = store;
  const { count, suspect, ...counts } = makeReferenceCounts(store, vatIds, {
    objectGone: caps.onObjectGone,
    shortcutIdle: caps.onShortcutIdle,
  });
  const { hold, release, object } = counts;

  const takeImportNumber = (id: EndpointId): number => {
    const table: Table<EndpointId, { nextImport: number }> = isRemoteId(id)
      ? store.remotes
      : store.vats;
    const row = table.get(id);
    if (row === undefined) {
      throw fail('VAT_UNKNOWN', { vat: id });
    }
    table.set(id, { ...row, nextImport: row.nextImport + 1 });
    return row.nextImport;
  };

  const addImport = (vatId: EndpointId, kref: KRef): VRef => {
    const number = takeImportNumber(vatId);
    const ref = vref(`${isPromiseRef(kref) ? 'p' : 'o'}-${number}`);
    clist.add(vatId, kref, { vref: ref, reachable: true });
    hold(kref);
    return ref;
  };

  const toVat = (vatId: EndpointId, kref: KRef): VRef => {
    const row = clist.get(vatId, kref);
    if (row === undefined) {
      return addImport(vatId, kref);
    }
    if (!row.reachable) {
      clist.set(vatId, kref, { ...row, reachable: true });
      if (!isExport(row.vref)) {
        count(kref, 1, 0);
      }
    }
    return row.vref;
  };

  const addExport = (vatId: EndpointId, ref: VRef): KRef => {
    if (isPromiseRef(ref)) {
      const kref = promiseKRef(store.nextId('promise'));
      promises.add(kref, {
        state: 'unresolved',
        decider: vatId,
        subscribers: [],
        refs: 1,
        data: null,
        settledBy: null,
        awaited: false,
        requestId: null,
      });
      clist.add(vatId, kref, { vref: ref, reachable: true });
      return kref;
    }
    const kref = objectKRef(store.nextId('object'));
    objects.add(kref, {
      owner: vatId,
      reachable: 0,
      recognizable: 0,
      gone: null,
    });
    clist.add(vatId, kref, { vref: ref, reachable: true });
    suspect(kref);
    return kref;
  };

  /**
   * What another kernel means by a name that is not used any more: its frame has
   * crossed the one that said so. A vat cannot say such a thing.
   */
  const outdated = (id: EndpointId, ref: VRef): KRef | undefined => {
    if (!isRemoteId(id)) {
      return undefined;
    }
    const stale = store.staleNames.get(id, ref);
    const number = Number(ref.slice(2));
    const wasGiven =
      !isExport(ref) &&
      !isPromiseRef(ref) &&
      number < (store.remotes.get(id)?.nextImport ?? 0);
    return stale ?? (wasGiven ? makeGone() : undefined);
  };

  /** An object that nobody can answer for, and that goes with what names it. */
  const makeGone = (): KRef => {
    const kref = objectKRef(store.nextId('object'));
    objects.add(kref, {
      owner: null,
      reachable: 0,
      recognizable: 0,
      gone: 'it is not there any more',
    });
    suspect(kref);
    return kref;
  };

  const toKernel = (vatId: EndpointId, ref: VRef): KRef => {
    const kref = clist.krefOf(vatId, ref) ?? outdated(vatId, ref);
    if (kref === undefined) {
      if (!isExport(ref)) {
        throw new IllegalSyscall(`it names ${ref}, which it was never given`);
      }
      return addExport(vatId, ref);
    }
    if (clist.get(vatId, kref)?.reachable === false) {
      if (!isExport(ref)) {
        throw new IllegalSyscall(`it names ${ref}, which it had dropped`);
      }
      clist.set(vatId, kref, { vref: ref, reachable: true });
      suspect(kref);
    }
    return kref;
  };

  const entryOf = (vatId: EndpointId, ref: VRef, exported: boolean): KRef => {
    const kref = clist.krefOf(vatId, ref);
    if (kref === undefined || isPromiseRef(ref) || isExport(ref) !== exported) {
      throw new IllegalSyscall(
        `it gives up ${ref}, which is not ${exported ? 'an export' : 'an import'} of it`,
      );
    }
    return kref;
  };

  const dropImport = (vatId: EndpointId, ref: VRef): void => {
    const kref = entryOf(vatId, ref, false);
    if (clist.get(vatId, kref)?.reachable === true) {
      clist.set(vatId, kref, { vref: ref, reachable: false });
      count(kref, -1, 0);
      caps.onImportDropped(vatId, kref);
    }
  };

  /**
   * Of two kernels through which the object is reached one cannot answer for it
   * any more; the other remains. Returns whether that was so.
   */
  const endShortcut = (id: EndpointId, kref: KRef): boolean => {
    const shortcut = shortcuts.get(kref);
    if (shortcut?.direct !== null) {
      return false;
    }
    if (id !== shortcut.through) {
      objects.set(kref, { ...object(kref), owner: shortcut.through });
    }
    shortcuts.delete(kref);
    suspect(kref);
    return true;
  };

  const abandonExport = (
    vatId: EndpointId,
    kref: KRef,
    reason: string,
  ): void => {
    clist.delete(vatId, kref);
    gcActions.remove(vatId, 'dropExport', kref);
    gcActions.remove(vatId, 'retireExport', kref);
    if (isRemoteId(vatId) && endShortcut(vatId, kref)) {
      return;
    }
    const row = object(kref);
    objects.set(kref, { ...row, owner: null, gone: row.gone ?? reason });
    suspect(kref);
  };

  return harden({
    ...counts,
    toVat,
    toVatData: (vatId: EndpointId, { body, slots }: CapData<KRef>) => ({
      body,
      slots: slots.map((slot) => toVat(vatId, slot)),
    }),
    toKernel,
    toKernelData: (vatId: EndpointId, { body, slots }: CapData<VRef>) => ({
      body,
      slots: slots.map((slot) => toKernel(vatId, slot)),
    }),
    dropImport,
    retireImport: (vatId: EndpointId, ref: VRef) => {
      dropImport(vatId, ref);
      const kref = entryOf(vatId, ref, false);
      clist.delete(vatId, kref);
      caps.onImportGone(vatId, kref);
      count(kref, 0, -1);
    },
    retireExport: (vatId: EndpointId, ref: VRef) => {
      const kref = entryOf(vatId, ref, true);
      abandonExport(vatId, kref, 'its vat has dropped it');
    },
    abandonExport,
    forgetPromise: (vatId: EndpointId, kref: KRef) => {
      if (clist.get(vatId, kref) !== undefined) {
        clist.delete(vatId, kref);
        release(kref);
      }
    },
  });
};
