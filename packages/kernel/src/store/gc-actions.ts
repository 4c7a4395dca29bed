/** What the collector still has to tell each vat; all of it is held in memory. */
import harden from '@endo/harden';
import type { KRef, EndpointId } from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';
import type { GcAction } from './rows.ts';
import type { Table } from './table.ts';

export type GcActions = Readonly<{
  add(vatId: EndpointId, action: GcAction, kref: KRef): void;
  remove(vatId: EndpointId, action: GcAction, kref: KRef): void;
  list(
    vatId: EndpointId,
  ): readonly Readonly<{ action: GcAction; kref: KRef }>[];
  size(vatId: EndpointId): number;
}>;

export const makeGcActions = (
  journal: Journal,
  table: Table<string, true>,
  /** Keys of the table's rows. */
  pending: Iterable<string>,
): GcActions => {
  const members = new Map<EndpointId, Set<string>>();
  const insert = (vatId: EndpointId, key: string): void => {
    const set = members.get(vatId) ?? new Set();
    members.set(vatId, set.add(key));
  };
  for (const key of pending) {
    insert(key.split(' ')[0] as EndpointId, key);
  }
  return harden({
    add: (vatId: EndpointId, action: GcAction, kref: KRef) => {
      const key = `${vatId} ${action} ${kref}`;
      if (members.get(vatId)?.has(key) === true) {
        return;
      }
      table.add(key, true);
      insert(vatId, key);
      journal.record(() => members.get(vatId)?.delete(key));
    },
    remove: (vatId: EndpointId, action: GcAction, kref: KRef) => {
      const key = `${vatId} ${action} ${kref}`;
      table.delete(key);
      if (members.get(vatId)?.delete(key) === true) {
        journal.record(() => insert(vatId, key));
      }
    },
    list: (vatId: EndpointId) =>
      [...(members.get(vatId) ?? [])].map((key) => {
        const [, action, kref] = key.split(' ') as [EndpointId, GcAction, KRef];
        return { action, kref };
      }),
    size: (vatId: EndpointId) => members.get(vatId)?.size ?? 0,
  });
};
