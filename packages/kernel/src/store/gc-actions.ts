/** What the collector still has to tell each vat; all of it is held in memory. */
import harden from '@endo/harden';
import type { KRef, VatId } from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';
import type { GcAction } from './rows.ts';
import type { Table } from './table.ts';

export type GcActions = Readonly<{
  add(vatId: VatId, action: GcAction, kref: KRef): void;
  remove(vatId: VatId, action: GcAction, kref: KRef): void;
  list(vatId: VatId): readonly Readonly<{ action: GcAction; kref: KRef }>[];
  size(vatId: VatId): number;
}>;

export const makeGcActions = (
  journal: Journal,
  table: Table<string, true>,
  /** Keys of the table's rows. */
  pending: Iterable<string>,
): GcActions => {
  const members = new Map<VatId, Set<string>>();
  const insert = (vatId: VatId, key: string): void => {
    const set = members.get(vatId) ?? new Set();
    members.set(vatId, set.add(key));
  };
  for (const key of pending) {
    insert(key.split(' ')[0] as VatId, key);
  }
  return harden({
    add: (vatId: VatId, action: GcAction, kref: KRef) => {
      const key = `${vatId} ${action} ${kref}`;
      if (members.get(vatId)?.has(key) === true) {
        return;
      }
      table.set(key, true);
      insert(vatId, key);
      journal.record(() => members.get(vatId)?.delete(key));
    },
    remove: (vatId: VatId, action: GcAction, kref: KRef) => {
      const key = `${vatId} ${action} ${kref}`;
      table.delete(key);
      if (members.get(vatId)?.delete(key) === true) {
        journal.record(() => insert(vatId, key));
      }
    },
    list: (vatId: VatId) =>
      [...(members.get(vatId) ?? [])].map((key) => {
        const [, action, kref] = key.split(' ') as [VatId, GcAction, KRef];
        return { action, kref };
      }),
    size: (vatId: VatId) => members.get(vatId)?.size ?? 0,
  });
};
