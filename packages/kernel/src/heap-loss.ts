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
  type VRef,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { rejectionOf } from './kernel-errors.ts';
import { vatKeysOf, watchesDurably } from './liveslots-keys.ts';
import { sweepVatstore } from './sweep-vatstore.ts';
import type { VatRuntime } from './vat-runtimes.ts';

export type HeapLoss = Readonly<{
  /** Rejects what the vat had promised and only its heap could have answered. */
  rejectPromises(vatId: VatId, krefs: readonly KRef[], reason: string): void;
  /** The same for all vats: an earlier daemon has ended. */
  rejectAll(reason: string): void;
  /** The promises that the vat decides. */
  decidedBy(vatId: VatId): readonly KRef[];
  /**
   * Does a slice of what brings the c-list and the vatstore to what a new
   * incarnation starts from; whether it was the last.
   */
  prepareStart(vat: VatRuntime): boolean;
}>;

/** Steps of a slice, each of a row or a few: some tens of milliseconds of work. */
const SLICE = 500;

export const makeHeapLoss = (
  context: Pick<KernelContext, 'store' | 'refs' | 'messages' | 'outbox'>,
): HeapLoss => {
  const { store, refs, messages, outbox } = context;

  const decidedBy = (vatId: VatId): readonly KRef[] => [
    ...store.scan().decidedBy(vatId),
  ];

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
    prepareStart: (vat: VatRuntime) => {
      const { id, lossReason = 'the daemon was restarted' } = vat;
      vat.preparation ??= beginPreparation(id, lossReason);
      const isDone = vat.preparation();
      if (isDone) {
        vat.preparation = undefined;
      }
      outbox.touch();
      return isDone;
    },
  });

  /** Each call of what is returned does a slice; whether it was the last. */
  function beginPreparation(vatId: VatId, reason: string): () => boolean {
    // Whatever it is given after this it was not given by the lost heap.
    const krefs = [...store.scan().clist(vatId)].map(({ kref }) => kref);
    const work = prepare(vatId, krefs, reason);
    return () =>
      store.savepoint(() => {
        let isDone = false;
        for (let step = 0; step < SLICE && !isDone; step += 1) {
          isDone = work.next().done === true;
        }
        refs.collect();
        return isDone;
      });
  }

  /** Between any two steps it may be committed, and begun anew by the next daemon. */
  function* prepare(
    vatId: VatId,
    krefs: readonly KRef[],
    reason: string,
  ): Generator<undefined> {
    yield* sweepVatstore(vatKeysOf(store, vatId), (vrefs) =>
      retireExports(vatId, vrefs),
    );
    const gone = `it lived in the memory of an earlier incarnation of vat ${vatId}, which ended: ${reason}`;
    for (const kref of krefs) {
      yield undefined;
      // It may be gone by now.
      const entry = store.clist.get(vatId, kref);
      if (entry !== undefined) {
        prepareEntry(vatId, kref, { ...entry, gone });
      }
    }
    const vat = store.vats.get(vatId);
    if (vat !== undefined) {
      store.vats.set(vatId, { ...vat, incarnation: vat.incarnation + 1 });
    }
  }

  function prepareEntry(
    vatId: VatId,
    kref: KRef,
    {
      vref,
      reachable,
      gone,
    }: Readonly<{ vref: VRef; reachable: boolean; gone: string }>,
  ): void {
    if (isPromiseRef(kref)) {
      forgetStalePromise(vatId, kref);
    } else if (isExport(vref)) {
      if (!outlivesProcess(vref)) {
        refs.abandonExport(vatId, kref, gone);
      }
    } else if (store.vatstore.get(vatId, `vom.rc.${vref}`) === undefined) {
      // No durable value refers to it, so only the heap did. (liveslots
      // counts those under this key, and recognizers under the other.)
      if (!hasRecognizers(vatId, vref)) {
        refs.retireImport(vatId, vref);
      } else if (reachable) {
        refs.dropImport(vatId, vref);
      }
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
