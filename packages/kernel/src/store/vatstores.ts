/** What vats keep: the rows of each, read and written one by one, or in order. */
import harden from '@endo/harden';
import type { VatId } from '@ocap/kernel-utils';
import type { Deletions } from './deletions.ts';
import type { Journal } from './journal.ts';
import type { StoreBackend } from './store-backend.ts';
import type { Table } from './table.ts';
import {
  makeVatstoreSizes,
  sizeOf,
  type VatstoreSizes,
} from './vatstore-sizes.ts';

export type Vatstores = Readonly<{
  sizes: VatstoreSizes;
  get(vatId: VatId, key: string): string | undefined;
  set(vatId: VatId, key: string, value: string | null): void;
  following(
    vatId: VatId,
    after: string,
    count: number,
  ): readonly (readonly [string, string])[];
  /**
   * Deletes at most `count` rows of a vat that is no more; returns how many. Not
   * within a savepoint: it acts on the database at once.
   */
  deleteSome(vatId: VatId, count: number): number;
}>;

export const makeVatstores = (
  journal: Journal,
  /** Key: the vat, a space, and its own key. */
  table: Table<string, string>,
  { vatstore, vatstoreSize }: StoreBackend['scan'],
  deletions: Deletions,
): Vatstores => {
  const sizes = makeVatstoreSizes(journal, (vatId) => {
    table.flush();
    return vatstoreSize(vatId);
  });
  return harden({
    sizes,
    get: (vatId: VatId, key: string) => table.get(`${vatId} ${key}`),
    set: (vatId: VatId, key: string, value: string | null) => {
      const before = table.get(`${vatId} ${key}`);
      sizes.note(vatId, sizeOf(key, value) - sizeOf(key, before));
      if (value === null) {
        table.delete(`${vatId} ${key}`);
      } else {
        table.set(`${vatId} ${key}`, value);
      }
    },
    following: (vatId: VatId, after: string, count: number) => {
      table.flush();
      return vatstore(vatId, after, count);
    },
    deleteSome: (vatId: VatId, count: number) => {
      table.flush();
      sizes.forget(vatId);
      return deletions.deleteSome(vatId, count);
    },
  });
};
