/**
 * What must be put right when the process of a vat is gone: its heap was a
 * cache, so whatever lived only there can never be answered for again. The rest
 * of the kernel then sees a vat that is merely asleep.
 */
import harden from '@endo/harden';
import {
  isExport,
  isPromiseRef,
  isVRef,
  type KRef,
  type VatId,
} from '@ocap/kernel-utils';
import { makeBrokenPromises, type BrokenPromises } from './broken-promises.ts';
import type { KernelContext } from './context.ts';
import { looseImports, ownHeapEntries } from './heap-entries.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import { isThere } from './is-there.ts';
import { vatKeysOf, watchesDurably } from './liveslots-keys.ts';
import type { ClistEntry } from './store/rows.ts';
import { sweepVatstore } from './sweep-vatstore.ts';
import type { VatRuntime } from './vat-runtimes.ts';

export type HeapLoss = Pick<BrokenPromises, 'reject' | 'rejectAll' | 'stop'> &
  Readonly<{
    /**
     * Does a slice of what brings the c-list and the vatstore to what a new
     * incarnation starts from; whether it was the last. What the vat had promised
     * is rejected before.
     */
    prepareStart(vat: VatRuntime): boolean;
  }>;

/** Steps of a slice, each of a row or a few: some tens of milliseconds of work. */
const SLICE = 500;
/** Reading a page takes as long as so many steps, even if little of it is left to be done. */
const PAGE_READ = 100;

export const makeHeapLoss = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'outbox' | 'powers' | 'lateWork' | 'condemn'
  >,
): HeapLoss => {
  const { store, refs, outbox, lateWork, condemn } = context;
  const broken = makeBrokenPromises(context);

  /**
   * Promises of which only the lost heap knew. Were the next incarnation told of
   * one, it would not look, and never give back what the promise has settled to.
   */
  const forgetStalePromise = (vatId: VatId, kref: KRef): void => {
    // A durable watcher takes these up again under the same vref.
    if (!watchesDurably(store, vatId, kref)) {
      const row = refs.promise(kref);
      const subscribers = row.subscribers.filter((id) => id !== vatId);
      store.promises.set(kref, { ...row, subscribers });
      refs.forgetPromise(vatId, kref);
    }
  };

  return harden({
    reject: broken.reject,
    rejectAll: broken.rejectAll,
    stop: broken.stop,
    prepareStart: (vat: VatRuntime) => {
      const { id, lossReason = 'the daemon was restarted' } = vat;
      if (broken.rejectSome(id)) {
        return false; // others come in between
      }
      vat.preparation ??= beginPreparation(id, lossReason);
      let isDone = true;
      try {
        isDone = vat.preparation();
      } catch (error) {
        if (!(error instanceof IllegalSyscall)) {
          throw error;
        }
        condemn(id, error);
      }
      if (isDone) {
        vat.preparation = undefined;
      }
      outbox.touch();
      return isDone && isThere(store, id);
    },
  });

  /**
   * Each call of what is returned does a slice; whether it was the last. Between
   * any two it may be committed, and begun anew by the next daemon.
   */
  function beginPreparation(vatId: VatId, reason: string): () => boolean {
    const steps = prepare(vatId, reason);
    return () => {
      for (let work = 0; work < SLICE;) {
        const { done, value } = steps.next();
        if (done === true) {
          return true;
        }
        work += value;
      }
      return false;
    };
  }

  /** Gives how much was done since the last time. */
  function* prepare(vatId: VatId, reason: string): Generator<number> {
    while (lateWork.doSome(vatId)) {
      yield SLICE;
    }
    if (!isThere(store, vatId)) {
      return; // that was the end of it
    }
    const sweep = sweepVatstore(vatKeysOf(store, vatId), (vrefs) =>
      retireExports(vatId, vrefs),
    );
    for (let isSwept = false; !isSwept;) {
      let rows = 0;
      store.savepoint(() => {
        for (; rows < SLICE && !isSwept; rows += 1) {
          isSwept = sweep.next().done === true;
        }
        refs.collect();
      });
      yield rows;
    }
    const gone = `it lived in the memory of an earlier incarnation of vat ${vatId}, which ended: ${reason}`;
    // Imports come last: the others free some.
    for (const pages of [ownHeapEntries, looseImports]) {
      // Read outside of the savepoint.
      for (const page of pages(store, vatId)) {
        store.savepoint(() => {
          page.forEach((entry) => prepareEntry(vatId, entry, gone));
          refs.collect();
        });
        yield PAGE_READ + page.length;
      }
    }
    const vat = store.vats.get(vatId);
    if (vat !== undefined) {
      store.vats.set(vatId, { ...vat, incarnation: vat.incarnation + 1 });
    }
  }

  function prepareEntry(
    vatId: VatId,
    { kref, vref, reachable }: ClistEntry,
    gone: string,
  ): void {
    if (store.clist.get(vatId, kref) === undefined) {
      return; // it went with another one of the page
    }
    if (isPromiseRef(kref)) {
      forgetStalePromise(vatId, kref);
    } else if (isExport(vref)) {
      refs.abandonExport(vatId, kref, gone);
    } else if (!hasRecognizers(vatId, vref)) {
      refs.retireImport(vatId, vref);
    } else if (reachable) {
      refs.dropImport(vatId, vref);
    }
  }

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
