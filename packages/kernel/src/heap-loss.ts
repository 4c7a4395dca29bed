/**
 * What must be put right when the process of a vat is gone: its heap was a
 * cache, so whatever lived only there can never be answered for again. The rest
 * of the kernel then sees a vat that is merely asleep.
 */
import harden from '@endo/harden';
import {
  fail,
  isExport,
  isPromiseRef,
  isVatId,
  isVRef,
  KERNEL,
  outlivesProcess,
  type KRef,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { rejectionOf } from './kernel-errors.ts';
import { vatKeysOf, watchesDurably } from './liveslots-keys.ts';
import { sweepVatstore } from './sweep-vatstore.ts';

export type HeapLoss = Readonly<{
  /** Rejects what the vat had promised and only its heap could have answered. */
  rejectPromises(vatId: VatId, krefs: readonly KRef[], reason: string): void;
  /** The same for all vats: an earlier daemon has ended. */
  rejectAll(reason: string): void;
  /** The promises that the vat decides. */
  decidedBy(vatId: VatId): readonly KRef[];
  /** Brings the c-list and the vatstore to what a new incarnation starts from. */
  prepareIncarnation(vatId: VatId, reason: string): void;
}>;

export const makeHeapLoss = (
  context: Pick<KernelContext, 'store' | 'refs' | 'messages'>,
): HeapLoss => {
  const { store, refs, messages } = context;

  const decidedBy = (vatId: VatId): readonly KRef[] => [
    ...store.scan().decidedBy(vatId),
  ];

  /**
   * Promises of which only the lost heap knew. Were the next incarnation told of
   * one, it would not look, and never give back what the promise has settled to.
   */
  const forgetStalePromises = (
    vatId: VatId,
    entries: readonly KRef[],
  ): void => {
    for (const kref of entries) {
      // A durable watcher takes these up again under the same vref.
      if (!watchesDurably(store, vatId, kref)) {
        const row = refs.promise(kref);
        const subscribers = row.subscribers.filter((id) => id !== vatId);
        store.promises.set(kref, { ...row, subscribers });
        refs.forgetPromise(vatId, kref);
      }
    }
  };

  const rejectPromises = (
    vatId: VatId,
    krefs: readonly KRef[],
    reason: string,
  ): void => {
    const data = rejectionOf(fail('VAT_RESTARTED', { vat: vatId, reason }));
    store.savepoint(() => {
      for (const kref of krefs) {
        const watched = watchesDurably(store, vatId, kref);
        if (watched) {
          // The next incarnation takes its watch up again under this vref.
          messages.subscribe(vatId, kref);
        }
        messages.resolve(kref, true, data, KERNEL);
        if (!watched) {
          refs.forgetPromise(vatId, kref);
        }
      }
      refs.collect();
    });
  };

  return harden({
    decidedBy,
    rejectPromises,
    rejectAll: (reason: string) => {
      // Of ten thousand vats that sleep, hardly any has promised something: a
      // start does not ask each of them.
      const deciders = new Set(
        [...store.scan().openPromises()].map(
          (kref) => refs.promise(kref).decider,
        ),
      );
      for (const id of [...deciders].filter(isVatId)) {
        rejectPromises(id, decidedBy(id), reason);
      }
    },
    prepareIncarnation: (vatId: VatId, reason: string) => {
      const entries = [...store.scan().clist(vatId)];
      store.savepoint(() => {
        retireExports(vatId, sweepVatstore(vatKeysOf(store, vatId)));
        const promises: KRef[] = [];
        for (const { kref, vref, reachable } of entries) {
          if (isPromiseRef(kref)) {
            promises.push(kref);
          } else if (isExport(vref)) {
            if (!outlivesProcess(vref)) {
              const gone = `it lived in the memory of an earlier incarnation of vat ${vatId}, which ended: ${reason}`;
              refs.abandonExport(vatId, kref, gone);
            }
          } else if (
            store.vatstore.get(vatId, `vom.rc.${vref}`) === undefined
          ) {
            // No durable value refers to it, so only the heap did. (liveslots
            // counts those under this key, and recognizers under the other.)
            if (!hasRecognizers(vatId, vref)) {
              refs.retireImport(vatId, vref);
            } else if (reachable) {
              refs.dropImport(vatId, vref);
            }
          }
        }
        forgetStalePromises(vatId, promises);
        const vat = store.vats.get(vatId);
        if (vat !== undefined) {
          store.vats.set(vatId, { ...vat, incarnation: vat.incarnation + 1 });
        }
        refs.collect();
      });
    },
  });

  function retireExports(vatId: VatId, vrefs: readonly string[]): void {
    for (const vref of vrefs.filter(isVRef)) {
      if (store.clist.krefOf(vatId, vref) !== undefined) {
        refs.retireExport(vatId, vref);
      }
    }
  }

  function hasRecognizers(vatId: VatId, vref: string): boolean {
    const prefix = `vom.ir.${vref}|`;
    const [next] = recognizerPage(vatId, prefix);
    return next?.[0].startsWith(prefix) === true;
  }

  function recognizerPage(
    vatId: VatId,
    prefix: string,
  ): readonly (readonly [string, string])[] {
    return store.vatstore.following(vatId, prefix, 1);
  }
};
