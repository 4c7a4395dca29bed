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
  type KRef,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import { rejectionOf } from './kernel-errors.ts';
import { decidedAmong } from './forget-endpoint.ts';
import {
  looseImports,
  ownHeapEntries,
  PAGE,
  promiseEntries,
} from './heap-entries.ts';
import { vatKeysOf, watchesDurably } from './liveslots-keys.ts';
import type { ClistEntry } from './store/rows.ts';
import { sweepVatstore } from './sweep-vatstore.ts';
import type { VatRuntime } from './vat-runtimes.ts';

export type HeapLoss = Readonly<{
  /**
   * Rejects what the vat had promised and only its heap could have answered. If
   * that is much it takes several turns, and the vat does not start before.
   */
  rejectPromises(vatId: VatId, reason: string): void;
  /** The same for all vats: an earlier daemon has ended. */
  rejectAll(reason: string): void;
  /**
   * Does a slice of what brings the c-list and the vatstore to what a new
   * incarnation starts from; whether it was the last.
   */
  prepareStart(vat: VatRuntime): boolean;
  stop(): void;
}>;

/** Steps of a slice, each of a row or a few: some tens of milliseconds of work. */
const SLICE = 500;
/** Reading a page takes as long as so many steps, even if little of it is left to be done. */
const PAGE_READ = 100;
/** Between two slices of what nobody waits to be done, in ms. */
const PAUSE_MS = 2;

export const makeHeapLoss = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'outbox' | 'powers' | 'lateWork' | 'condemn'
  >,
): HeapLoss => {
  const { store, refs, messages, outbox, powers, lateWork, condemn } = context;

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

  const rejectSome = (
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

  const isThere = (vatId: VatId): boolean =>
    store.vats.get(vatId)?.ending === null;

  /** Rejects what is left, a page at a time; between two of them it may be committed. */
  function* rejections(vatId: VatId, reason: string): Generator<undefined> {
    // What it watches is in its store.
    while (lateWork.doSome(vatId)) {
      yield;
    }
    for (const page of promiseEntries(store, vatId)) {
      rejectSome(vatId, decidedAmong(refs, vatId, page), reason);
      if (page.length === PAGE) {
        yield;
      }
    }
  }

  // What is left of vats that had promised much.
  const rejecting = new Map<VatId, Generator<undefined>>();
  let cancel: (() => void) | undefined;

  const rejectMore = (vatId: VatId): void => {
    // What has been terminated since then is forgotten otherwise.
    if (!isThere(vatId) || rejecting.get(vatId)?.next().done !== false) {
      rejecting.delete(vatId);
    }
    outbox.touch();
  };

  const goOn = (): void => {
    cancel = undefined;
    [...rejecting.keys()].forEach(rejectMore);
    schedule();
  };

  const schedule = (): void => {
    if (rejecting.size > 0) {
      cancel ??= powers.after(PAUSE_MS, goOn);
    }
  };

  const rejectPromises = (vatId: VatId, reason: string): void => {
    const rest = rejections(vatId, reason);
    if (rest.next().done !== true) {
      rejecting.set(vatId, rest);
      schedule();
    }
  };

  return harden({
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
        rejectPromises(id, reason);
      }
    },
    prepareStart: (vat: VatRuntime) => {
      const { id, lossReason = 'the daemon was restarted' } = vat;
      if (rejecting.has(id)) {
        rejectMore(id); // and not when there is time: somebody waits for it
        return false;
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
      return isDone && isThere(id);
    },
    stop: () => cancel?.(),
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
    if (!isThere(vatId)) {
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
