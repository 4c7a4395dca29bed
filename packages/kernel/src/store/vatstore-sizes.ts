/**
 * How much each vat keeps. The size at the start is only asked of the database
 * for a vat that grows a good deal: to sum up all of them would make every start
 * pay for all that there is.
 */
import harden from '@endo/harden';
import type { VatId } from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';

export type VatstoreSizes = Readonly<{
  /** A write changes the vat's size by so many characters; undone with the savepoint. */
  note(vatId: VatId, delta: number): void;
  /** Characters by which it has grown since it was first noted here. */
  grown(vatId: VatId): number;
  /** All of it, keys and values. Not within a savepoint: the first time it reads the database. */
  total(vatId: VatId): number;
  forget(vatId: VatId): void;
}>;

export const makeVatstoreSizes = (
  journal: Journal,
  /** Sums up what the database has of a vat, with every change made so far. */
  measure: (vatId: VatId) => number,
): VatstoreSizes => {
  const growth = new Map<VatId, number>();
  const before = new Map<VatId, number>();
  const grown = (vatId: VatId): number => growth.get(vatId) ?? 0;
  return harden({
    note: (vatId: VatId, delta: number) => {
      const was = grown(vatId);
      growth.set(vatId, was + delta);
      journal.record(() => {
        growth.set(vatId, was);
      });
    },
    grown,
    total: (vatId: VatId) => {
      let base = before.get(vatId);
      if (base === undefined) {
        base = measure(vatId) - grown(vatId);
        before.set(vatId, base);
      }
      return base + grown(vatId);
    },
    forget: (vatId: VatId) => {
      growth.delete(vatId);
      before.delete(vatId);
    },
  });
};

/** Of an entry; 0 if there is none. */
export const sizeOf = (
  key: string,
  value: string | null | undefined,
): number =>
  value === null || value === undefined ? 0 : key.length + value.length;
