/**
 * Deletions of many rows that act on the database at once. If the commit that
 * they are part of comes to nothing, the rows are there again, while what was
 * noted of them in memory stays: so they are made once more.
 */
import harden from '@endo/harden';
import type { VatId } from '@ocap/kernel-utils';
import type { StoreBackend } from './store-backend.ts';
import type { Table } from './table.ts';

export type Deletions = Pick<
  Table<string, never>,
  'flush' | 'onCommitted' | 'onUndone'
> &
  Readonly<{
    /** At most `count` rows of the vatstore; returns how many. */
    deleteSome(vatId: VatId, count: number): number;
  }>;

export const makeDeletions = ({
  deleteVatstore,
}: Pick<StoreBackend, 'deleteVatstore'>): Deletions => {
  /** Rows deleted since the last commit. */
  const uncommitted = new Map<VatId, number>();
  let isUndone = false;

  const flush = (): void => {
    if (isUndone) {
      isUndone = false;
      uncommitted.forEach((count, vatId) => deleteVatstore(vatId, count));
    }
  };
  return harden({
    deleteSome: (vatId: VatId, count: number) => {
      flush();
      const deleted = deleteVatstore(vatId, count);
      uncommitted.set(vatId, (uncommitted.get(vatId) ?? 0) + deleted);
      return deleted;
    },
    flush,
    onCommitted: () => uncommitted.clear(),
    onUndone: () => {
      isUndone = true;
    },
  });
};
