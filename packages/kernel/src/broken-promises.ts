/**
 * What a vat had promised when it lost its heap: nobody can answer for it any
 * more, and whoever waits is told. That may be very much, of very many vats that
 * lose one process, so it is done in slices.
 */
import harden from '@endo/harden';
import {
  fail,
  isVatId,
  KERNEL,
  type KRef,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { decidedAmong } from './forget-endpoint.ts';
import { PAGE, promiseEntries } from './heap-entries.ts';
import { makeInTurns } from './in-turns.ts';
import { isThere } from './is-there.ts';
import { rejectionOf } from './kernel-errors.ts';
import { watchesDurably } from './liveslots-keys.ts';

export type BrokenPromises = Readonly<{
  /** Rejects what the vat decides; what is too much for one turn follows. */
  reject(vatId: VatId, reason: string): void;
  /** The same for all vats. */
  rejectAll(reason: string): void;
  /** Rejects some of what is left of the vat, for whom somebody waits; whether there was any. */
  rejectSome(vatId: VatId): boolean;
  stop(): void;
}>;

/** Promises that may be rejected in one turn. */
const AT_ONCE = 500;
/** Between two slices, in ms. */
const PAUSE_MS = 2;

export const makeBrokenPromises = ({
  store,
  refs,
  messages,
  outbox,
  powers,
  lateWork,
}: Pick<
  KernelContext,
  'store' | 'refs' | 'messages' | 'outbox' | 'powers' | 'lateWork'
>): BrokenPromises => {
  const rejectThese = (
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

  /** Rejects what is left, a page at a time; between two of them it may be committed. */
  function* rejections(vatId: VatId, reason: string): Generator<undefined> {
    // What it watches is in its store.
    while (lateWork.doSome(vatId)) {
      yield;
    }
    for (const page of promiseEntries(store, vatId)) {
      const krefs = decidedAmong(refs, vatId, page);
      rejectThese(vatId, krefs, reason);
      spend(krefs.length);
      if (page.length === PAGE) {
        yield;
      }
    }
  }

  // How many may be rejected at once, in this turn: hundreds of vats may lose
  // one process.
  let left = AT_ONCE;
  const spend = (count: number): void => {
    if (left === AT_ONCE && count > 0) {
      powers.nextTurn(() => {
        left = AT_ONCE;
      });
    }
    left -= count;
  };

  // What is left of vats that had promised much.
  const rejecting = new Map<VatId, Generator<undefined>>();

  const rejectMore = (vatId: VatId): void => {
    // What has been terminated since then is forgotten otherwise.
    if (!isThere(store, vatId) || rejecting.get(vatId)?.next().done !== false) {
      rejecting.delete(vatId);
    }
    outbox.touch();
  };

  // All vats of a process lose it together.
  const inTurns = makeInTurns(powers, rejecting, {
    pauseMs: PAUSE_MS,
    doSome: rejectMore,
  });

  const reject = (vatId: VatId, reason: string): void => {
    const rest = rejections(vatId, reason);
    if (left <= 0 || rest.next().done !== true) {
      rejecting.set(vatId, rest);
      inTurns.schedule();
    }
  };

  return harden({
    reject,
    rejectAll: (reason: string) => {
      // Of ten thousand vats that sleep, hardly any has promised something: a
      // start does not ask each of them.
      const deciders = new Set(
        [...store.scan().openPromises()].map(
          (kref) => refs.promise(kref).decider,
        ),
      );
      for (const id of [...deciders].filter(isVatId)) {
        reject(id, reason);
      }
    },
    rejectSome: (vatId: VatId) => {
      const isLeft = rejecting.has(vatId);
      if (isLeft) {
        rejectMore(vatId);
      }
      return isLeft;
    },
    stop: inTurns.stop,
  });
};
