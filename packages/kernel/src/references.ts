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
  objectKRef,
  promiseKRef,
  vref,
  type CapData,
  type KRef,
  type VRef,
  type VatId,
} from '@ocap/kernel-utils';
import type { Caps } from './caps.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import {
  makeReferenceCounts,
  type ReferenceCounts,
} from './reference-counts.ts';
import type { KernelStore } from './store/kernel-store.ts';

export type References = Omit<ReferenceCounts, 'count' | 'suspect'> &
  Readonly<{
    /** The vat's name for the thing, which it can reach from now on. */
    toVat(vatId: VatId, kref: KRef): VRef;
    toVatData(vatId: VatId, data: CapData<KRef>): CapData<VRef>;
    /** What the vat means; it must be in its c-list or be a new export. */
    toKernel(vatId: VatId, ref: VRef): KRef;
    toKernelData(vatId: VatId, data: CapData<VRef>): CapData<KRef>;

    dropImport(vatId: VatId, ref: VRef): void;
    retireImport(vatId: VatId, ref: VRef): void;
    retireExport(vatId: VatId, ref: VRef): void;
    /** The vat can no longer answer for what it exported; calls fail with `reason`. */
    abandonExport(vatId: VatId, kref: KRef, reason: string): void;
    /** Removes a promise from the c-list of a vat that is done with it. */
    forgetPromise(vatId: VatId, kref: KRef): void;
  }>;

export const makeReferences = (
  store: KernelStore,
  vatIds: () => Iterable<VatId>,
  caps: Pick<Caps, 'onImportGone' | 'onObjectGone'>,
): References => {
  const { objects, promises, clist, gcActions } = store;
  const { count, suspect, ...counts } = makeReferenceCounts(
    store,
    vatIds,
    caps.onObjectGone,
  );
  const { hold, release, object } = counts;

  const addImport = (vatId: VatId, kref: KRef): VRef => {
    const vat = store.vats.get(vatId);
    if (vat === undefined) {
      throw fail('VAT_UNKNOWN', { vat: vatId });
    }
    store.vats.set(vatId, { ...vat, nextImport: vat.nextImport + 1 });
    const ref = vref(`${isPromiseRef(kref) ? 'p' : 'o'}-${vat.nextImport}`);
    clist.set(vatId, kref, { vref: ref, reachable: true });
    hold(kref);
    return ref;
  };

  const toVat = (vatId: VatId, kref: KRef): VRef => {
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

  const addExport = (vatId: VatId, ref: VRef): KRef => {
    if (isPromiseRef(ref)) {
      const kref = promiseKRef(store.nextId('promise'));
      promises.set(kref, {
        state: 'unresolved',
        decider: vatId,
        subscribers: [],
        refs: 1,
        data: null,
        settledBy: null,
        awaited: false,
        requestId: null,
      });
      clist.set(vatId, kref, { vref: ref, reachable: true });
      return kref;
    }
    const kref = objectKRef(store.nextId('object'));
    objects.set(kref, {
      owner: vatId,
      reachable: 0,
      recognizable: 0,
      gone: null,
    });
    clist.set(vatId, kref, { vref: ref, reachable: true });
    suspect(kref);
    return kref;
  };

  const toKernel = (vatId: VatId, ref: VRef): KRef => {
    const kref = clist.krefOf(vatId, ref);
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

  const entryOf = (vatId: VatId, ref: VRef, exported: boolean): KRef => {
    const kref = clist.krefOf(vatId, ref);
    if (kref === undefined || isPromiseRef(ref) || isExport(ref) !== exported) {
      throw new IllegalSyscall(
        `it gives up ${ref}, which is not ${exported ? 'an export' : 'an import'} of it`,
      );
    }
    return kref;
  };

  const dropImport = (vatId: VatId, ref: VRef): void => {
    const kref = entryOf(vatId, ref, false);
    if (clist.get(vatId, kref)?.reachable === true) {
      clist.set(vatId, kref, { vref: ref, reachable: false });
      count(kref, -1, 0);
    }
  };

  const abandonExport = (vatId: VatId, kref: KRef, reason: string): void => {
    clist.delete(vatId, kref);
    const row = object(kref);
    objects.set(kref, { ...row, owner: null, gone: row.gone ?? reason });
    gcActions.remove(vatId, 'dropExport', kref);
    gcActions.remove(vatId, 'retireExport', kref);
    suspect(kref);
  };

  return harden({
    ...counts,
    toVat,
    toVatData: (vatId: VatId, { body, slots }: CapData<KRef>) => ({
      body,
      slots: slots.map((slot) => toVat(vatId, slot)),
    }),
    toKernel,
    toKernelData: (vatId: VatId, { body, slots }: CapData<VRef>) => ({
      body,
      slots: slots.map((slot) => toKernel(vatId, slot)),
    }),
    dropImport,
    retireImport: (vatId: VatId, ref: VRef) => {
      dropImport(vatId, ref);
      const kref = entryOf(vatId, ref, false);
      clist.delete(vatId, kref);
      caps.onImportGone(vatId, kref);
      count(kref, 0, -1);
    },
    retireExport: (vatId: VatId, ref: VRef) => {
      const kref = entryOf(vatId, ref, true);
      abandonExport(vatId, kref, 'its vat has dropped it');
    },
    abandonExport,
    forgetPromise: (vatId: VatId, kref: KRef) => {
      if (clist.get(vatId, kref) !== undefined) {
        clist.delete(vatId, kref);
        release(kref);
      }
    },
  });
};
