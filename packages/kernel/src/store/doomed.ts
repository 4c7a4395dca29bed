/** The list of vats whose rows of the vatstore are still to be deleted: one row of `meta`. */
import harden from '@endo/harden';
import type { VatId } from '@ocap/kernel-utils';
import type { Table } from './table.ts';

export type Doomed = Readonly<{
  add(vatId: VatId): void;
  remove(vatId: VatId): void;
  list(): readonly VatId[];
}>;

const KEY = 'doomed';

export const makeDoomed = (meta: Table<string, string>): Doomed => {
  const list = (): readonly VatId[] =>
    JSON.parse(meta.get(KEY) ?? '[]') as VatId[];
  const set = (ids: readonly VatId[]): void => {
    if (ids.length === 0) {
      meta.delete(KEY);
    } else {
      meta.set(KEY, JSON.stringify(ids));
    }
  };
  return harden({
    list,
    add: (vatId: VatId) => set([...list(), vatId]),
    remove: (vatId: VatId) => set(list().filter((id) => id !== vatId)),
  });
};
