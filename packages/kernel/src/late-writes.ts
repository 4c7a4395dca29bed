/**
 * Writes of a crank that are so many that making all of them at once would keep
 * everybody else waiting. They are stored with the crank, in a few large rows of
 * the vat's own store, and made a row at a time; a crash in between changes
 * nothing (a redo log). Until then nobody reads the store but the vat's host,
 * over whose answers its own writes stand until they are confirmed, and the vat
 * is given nothing new: it waits for its own writes, and nobody else does.
 */
import harden from '@endo/harden';
import type { VatId } from '@ocap/kernel-utils';
import { vatKeysOf } from './liveslots-keys.ts';
import { applyWrites, type Writes } from './loose-state.ts';
import type { Outbox } from './outbox.ts';
import type { Powers } from './powers.ts';
import type { KernelStore } from './store/kernel-store.ts';

export type LateWrites = Readonly<{
  /** Makes the writes of a crank, or stores what is to be made later. Within its savepoint. */
  take(vatId: VatId, writes: Writes): void;
  /** Whether there are some that are still to be made, of this daemon. */
  isPending(vatId: VatId): boolean;
  /** Makes those of the oldest row, also of an earlier daemon; whether there was one. Not within a savepoint. */
  makeSome(vatId: VatId): boolean;
  stop(): void;
}>;

const ROWS = 'ocap.late.';
const DIGITS = 10;
/** Between two rows, in ms. */
const PAUSE_MS = 1;

export const makeLateWrites = ({
  store,
  outbox,
  powers,
  wake,
}: Readonly<{
  store: KernelStore;
  outbox: Pick<Outbox, 'touch'>;
  powers: Powers;
  /** All are made. */
  wake: (vatId: VatId) => void;
}>): LateWrites => {
  const atOnce = powers.limits.writesAtOnce;
  // The number of the next row.
  const pending = new Map<VatId, number>();
  let cancel: (() => void) | undefined;

  /** The rows of a vat that has ended are being deleted. */
  const isThere = (vatId: VatId): boolean =>
    store.vats.get(vatId)?.ending === null;

  const makeSome = (vatId: VatId): boolean => {
    const [row] = isThere(vatId)
      ? store.vatstore.following(vatId, ROWS, 1)
      : [];
    if (row === undefined || !row[0].startsWith(ROWS)) {
      pending.delete(vatId);
      return false;
    }
    const [key, text] = row;
    store.savepoint(() => {
      const keys = vatKeysOf(store, vatId);
      applyWrites(keys, JSON.parse(text) as Writes, { isPart: true });
      keys.set(key, null);
    });
    outbox.touch();
    return true;
  };

  const goOn = (): void => {
    cancel = undefined;
    for (const vatId of [...pending.keys()]) {
      if (!makeSome(vatId)) {
        wake(vatId);
      }
    }
    schedule();
  };

  const schedule = (): void => {
    if (pending.size > 0) {
      cancel ??= powers.after(PAUSE_MS, goOn);
    }
  };

  const putOff = (vatId: VatId, writes: Writes): void => {
    let next = pending.get(vatId) ?? 1;
    for (let at = 0; at < writes.length; at += atOnce) {
      store.vatstore.set(
        vatId,
        `${ROWS}${String(next).padStart(DIGITS, '0')}`,
        JSON.stringify(writes.slice(at, at + atOnce)),
      );
      next += 1;
    }
    store.whenKept(() => {
      pending.set(vatId, next);
      schedule();
    });
  };

  return harden({
    take: (vatId: VatId, writes: Writes) => {
      if (writes.length === 0) {
        return;
      }
      // In the order of the cranks.
      if (writes.length > atOnce || pending.has(vatId)) {
        putOff(vatId, writes);
      } else {
        applyWrites(vatKeysOf(store, vatId), writes);
      }
    },
    isPending: (vatId: VatId) => pending.has(vatId),
    makeSome,
    stop: () => cancel?.(),
  });
};
