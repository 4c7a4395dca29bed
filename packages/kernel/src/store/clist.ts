/** The c-lists of all endpoints: each row is found by its kref, and by its vref. */
import harden from '@endo/harden';
import {
  isRemoteId,
  type EndpointId,
  type KRef,
  type RemoteId,
  type VRef,
} from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';
import { makeExportNewness } from './newness.ts';
import type { ClistRow } from './rows.ts';
import type { StoreBackend } from './store-backend.ts';
import { makeTable, type Table } from './table.ts';
import { makeTally } from './tally.ts';

export type Clist = Readonly<{
  get(endpoint: EndpointId, kref: KRef): ClistRow | undefined;
  krefOf(endpoint: EndpointId, vref: VRef): KRef | undefined;
  /** An entry keeps the vref that it was made with. */
  set(endpoint: EndpointId, kref: KRef, row: ClistRow): void;
  /** The same for what is not there yet, under either name. */
  add(endpoint: EndpointId, kref: KRef, row: ClistRow): void;
  delete(endpoint: EndpointId, kref: KRef): void;
  /** How many rows another kernel has. */
  size(remote: RemoteId): number;
  /** What is remembered of lookups; the rows themselves are those of `table`. */
  lookups: Pick<Table<string, KRef>, 'flush' | 'onCommitted' | 'onUndone'>;
}>;

export const makeClist = (
  journal: Journal,
  table: Table<string, ClistRow>,
  { krefOf, exportedPromises, scan }: StoreBackend,
): Clist => {
  const exported = makeExportNewness(exportedPromises);
  // The same rows by vref. Written together with `table`, so it has nothing of
  // its own to write.
  const byVref = makeTable<string, KRef>(
    journal,
    {
      read: (key) => {
        const [endpoint, vref] = key.split(' ') as [EndpointId, VRef];
        return krefOf(endpoint, vref);
      },
      write: () => undefined,
      remove: () => undefined,
    },
    { newness: exported },
  );
  const sizes = makeTally<RemoteId>(journal, scan.remoteSizes('clist'));
  const resize = (endpoint: EndpointId, change: 1 | -1): void => {
    if (isRemoteId(endpoint)) {
      sizes.note(endpoint, change);
    }
  };
  const get = (endpoint: EndpointId, kref: KRef): ClistRow | undefined =>
    table.get(`${endpoint} ${kref}`);
  const add = (endpoint: EndpointId, kref: KRef, row: ClistRow): void => {
    resize(endpoint, 1);
    table.add(`${endpoint} ${kref}`, row);
    byVref.add(`${endpoint} ${row.vref}`, kref);
    exported.note(endpoint, row.vref);
  };

  return harden({
    get,
    krefOf: (endpoint: EndpointId, ref: VRef) =>
      byVref.get(`${endpoint} ${ref}`),
    set: (endpoint: EndpointId, kref: KRef, row: ClistRow) => {
      if (get(endpoint, kref) === undefined) {
        add(endpoint, kref, row);
      } else {
        table.set(`${endpoint} ${kref}`, row);
      }
    },
    add,
    delete: (endpoint: EndpointId, kref: KRef) => {
      const row = get(endpoint, kref);
      if (row !== undefined) {
        resize(endpoint, -1);
        table.delete(`${endpoint} ${kref}`);
        byVref.delete(`${endpoint} ${row.vref}`);
      }
    },
    size: sizes.of,
    lookups: byVref,
  });
};
