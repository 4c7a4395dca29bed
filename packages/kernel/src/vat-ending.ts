/**
 * The end of a vat that has so much to be forgotten, in its c-list or its inbox,
 * that doing it at once would keep everybody else waiting. It is marked as ended
 * in the commit of what has ended it, is given nothing from then on, and is
 * forgotten a slice at a time. The next daemon goes on with it.
 */
import harden from '@endo/harden';
import type { OcapError, VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { makeForgetEndpoint } from './forget-endpoint.ts';
import { terminatedError } from './forget-vat.ts';
import { makeInTurns } from './in-turns.ts';
import type { VatRow } from './store/rows.ts';

export type VatEnding = Readonly<{
  /** Whether there is so much of it. */
  isLarge(vatId: VatId): boolean;
  /** Marks it; it must be large. Returns what its callers are told. */
  begin(row: VatRow, reason: string): OcapError;
  /** What its callers are told; undefined if it is not being ended. */
  errorOf(vatId: VatId): OcapError | undefined;
  /** Resolves when nothing of it is left. */
  ended(vatId: VatId): Promise<void>;
  /** Goes on with those of an earlier daemon. */
  recover(): void;
  stop(): void;
}>;

/** Rows of the c-list, and items of the inbox, forgotten at a time, and the pause after them in ms. */
const SLICE = 500;
const PAUSE_MS = 2;

export const makeVatEnding = (
  context: Pick<
    KernelContext,
    'store' | 'refs' | 'messages' | 'vats' | 'outbox' | 'powers'
  >,
  /** Forgets what is left, when that is little. */
  finish: (row: VatRow, reason: string) => void,
): VatEnding => {
  const { store, refs, vats, outbox, powers } = context;
  const forgetEndpoint = makeForgetEndpoint(context);
  // Those that are being ended, with who waits for it.
  const waiting = new Map<VatId, (() => void)[]>();

  const isLarge = (vatId: VatId): boolean =>
    store.inbox.size(vatId) > SLICE ||
    [...store.scan().clistStart(vatId, SLICE + 1)].length > SLICE;

  const reasonOf = (vatId: VatId): string | undefined =>
    store.vats.get(vatId)?.ending ?? undefined;

  const forgetSome = (row: VatRow, reason: string): void => {
    const entries = [...store.scan().clistStart(row.id, SLICE)];
    store.savepoint(() => {
      forgetEndpoint(row.id, entries, terminatedError(row, reason), SLICE);
      refs.collect();
    });
  };

  const doSome = (vatId: VatId): void => {
    const row = store.vats.get(vatId);
    if (row !== undefined && row.ending !== null) {
      outbox.touch();
      if (isLarge(vatId)) {
        forgetSome(row, row.ending);
        return;
      }
      finish(row, row.ending);
    }
    waiting.get(vatId)?.forEach((tell) => tell());
    waiting.delete(vatId);
  };

  const inTurns = makeInTurns(powers, waiting, { pauseMs: PAUSE_MS, doSome });

  const add = (vatId: VatId): void => {
    waiting.set(vatId, waiting.get(vatId) ?? []);
    inTurns.schedule();
  };

  return harden({
    isLarge,
    begin: (row: VatRow, reason: string) => {
      store.vats.set(row.id, { ...row, ending: reason });
      add(row.id);
      return terminatedError(row, reason);
    },
    errorOf: (vatId: VatId) => {
      const row = store.vats.get(vatId);
      return row === undefined || row.ending === null
        ? undefined
        : terminatedError(row, row.ending);
    },
    ended: async (vatId: VatId) =>
      new Promise<void>((resolve) => {
        if (reasonOf(vatId) === undefined) {
          resolve();
        } else {
          waiting.set(vatId, [...(waiting.get(vatId) ?? []), resolve]);
        }
      }),
    recover: () => {
      [...vats.ids].filter((id) => reasonOf(id) !== undefined).forEach(add);
    },
    stop: inTurns.stop,
  });
};
