/**
 * The typed interface through which the kernel sees its durable state, over a
 * backend that holds the SQL. All changes are made in memory; `commit` writes
 * them in one transaction. `savepoint` makes one crank all or nothing.
 */
import harden from '@endo/harden';
import type {
  EndpointId,
  KRef,
  OwnerId,
  SubclusterId,
  VRef,
  VatId,
} from '@ocap/kernel-utils';
import { makeDoomed, type Doomed } from './doomed.ts';
import { makeGcActions, type GcActions } from './gc-actions.ts';
import { makeJournal } from './journal.ts';
import { makeQueues, type Queues } from './queues.ts';
import type {
  CapRow,
  ClistRow,
  EventRow,
  GrantRow,
  InboxRow,
  LeaseRow,
  ObjectRow,
  PromiseQueueRow,
  PromiseRow,
  RequestRow,
  SubclusterRow,
  UrlRow,
  VatRow,
  WakeupRow,
} from './rows.ts';
import type { StoreBackend } from './store-backend.ts';
import { makeVatstoreSizes, type VatstoreSizes } from './vatstore-sizes.ts';
import { makeTable, type Table, type TableBackend } from './table.ts';

const counters = [
  'object',
  'promise',
  'vat',
  'subcluster',
  'cap',
  'wakeup',
  'event',
  'url',
] as const;
export type Counter = (typeof counters)[number];

export type KernelStore = Readonly<{
  vats: Table<VatId, VatRow>;
  subclusters: Table<SubclusterId, SubclusterRow>;
  objects: Table<KRef, ObjectRow>;
  promises: Table<KRef, PromiseRow>;
  bundles: Table<string, string>;
  names: Table<string, KRef>;
  leases: Table<KRef, LeaseRow>;
  requests: Table<string, RequestRow>;
  grants: Table<KRef, GrantRow>;
  caps: Table<string, CapRow>;
  wakeups: Table<string, WakeupRow>;
  events: Table<number, EventRow>;
  urls: Table<string, UrlRow>;
  inbox: Queues<OwnerId, InboxRow>;
  promiseQueue: Queues<KRef, PromiseQueueRow>;
  clist: Clist;
  gcActions: GcActions;
  vatstore: Vatstore;
  /** Vats that are no more, and whose rows of the vatstore are still to be deleted. */
  doomed: Doomed;
  nextId(counter: Counter): number;
  /** The newest id given out; 0 before the first. */
  lastId(counter: Counter): number;
  /** Removes a bundle that none of these vats is made of. */
  forgetUnusedBundle(hash: string, vatIds: Iterable<VatId>): void;
  /** Reads over whole tables; they see every change made so far. */
  scan(): StoreBackend['scan'];
  /** Sees what is committed. */
  query: StoreBackend['query'];
  savepoint<T>(body: () => T): T;
  /** Runs `task` once the open savepoint is kept; never if it is undone. */
  whenKept(task: () => void): void;
  commit(): void;
  close(): void;
}>;

export type Clist = Readonly<{
  get(endpoint: EndpointId, kref: KRef): ClistRow | undefined;
  krefOf(endpoint: EndpointId, vref: VRef): KRef | undefined;
  set(endpoint: EndpointId, kref: KRef, row: ClistRow): void;
  delete(endpoint: EndpointId, kref: KRef): void;
}>;

export type Vatstore = Readonly<{
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

export const makeKernelStore = (backend: StoreBackend): KernelStore => {
  const journal = makeJournal();
  const tableOf = <Key extends string | number, Row>(
    tableBackend: TableBackend<Key, Row>,
    cachedRows?: number,
  ): Table<Key, Row> => makeTable(journal, tableBackend, cachedRows);
  const t = backend.tables;
  const tables = {
    vats: tableOf(t.vats),
    subclusters: tableOf(t.subclusters),
    objects: tableOf(t.objects),
    promises: tableOf(t.promises),
    clist: tableOf(t.clist),
    inbox: tableOf(t.inbox),
    promiseQueue: tableOf(t.promiseQueue),
    gcActions: tableOf(t.gcActions),
    // Hosts have a cache of their own; a second copy here would only cost memory.
    vatstore: tableOf(t.vatstore, 0),
    bundles: tableOf(t.bundles, 0),
    names: tableOf(t.names),
    leases: tableOf(t.leases),
    requests: tableOf(t.requests),
    grants: tableOf(t.grants),
    caps: tableOf(t.caps),
    wakeups: tableOf(t.wakeups),
    events: tableOf(t.events, 0),
    urls: tableOf(t.urls),
    meta: tableOf(t.meta),
  };
  // The same rows by vref. Written together with `tables.clist`, so it has
  // nothing of its own to write.
  const byVref = tableOf<string, KRef>({
    read: (key) => {
      const [endpoint, vref] = key.split(' ') as [EndpointId, VRef];
      return backend.krefOf(endpoint, vref);
    },
    write: () => undefined,
    remove: () => undefined,
  });

  const flush = (): void => {
    if (journal.isOpen()) {
      throw Error('the store cannot be read whole within a savepoint');
    }
    for (const table of Object.values(tables)) {
      table.flush();
    }
    byVref.flush();
  };

  const clist: Clist = harden({
    get: (endpoint: EndpointId, kref: KRef) =>
      tables.clist.get(`${endpoint} ${kref}`),
    krefOf: (endpoint: EndpointId, ref: VRef) =>
      byVref.get(`${endpoint} ${ref}`),
    set: (endpoint: EndpointId, kref: KRef, row: ClistRow) => {
      tables.clist.set(`${endpoint} ${kref}`, row);
      byVref.set(`${endpoint} ${row.vref}`, kref);
    },
    delete: (endpoint: EndpointId, kref: KRef) => {
      const row = tables.clist.get(`${endpoint} ${kref}`);
      if (row !== undefined) {
        tables.clist.delete(`${endpoint} ${kref}`);
        byVref.delete(`${endpoint} ${row.vref}`);
      }
    },
  });

  const doomed = makeDoomed(tables.meta);
  const sizes = makeVatstoreSizes(journal, (vatId) => {
    tables.vatstore.flush();
    return backend.scan.vatstoreSize(vatId);
  });

  return harden({
    vats: tables.vats,
    subclusters: tables.subclusters,
    objects: tables.objects,
    promises: tables.promises,
    bundles: tables.bundles,
    names: tables.names,
    leases: tables.leases,
    requests: tables.requests,
    grants: tables.grants,
    caps: tables.caps,
    wakeups: tables.wakeups,
    events: tables.events,
    urls: tables.urls,
    inbox: makeQueues(journal, tables.inbox, backend.scan.inbox()),
    promiseQueue: makeQueues(
      journal,
      tables.promiseQueue,
      backend.scan.promiseQueue(),
    ),
    clist,
    gcActions: makeGcActions(
      journal,
      tables.gcActions,
      backend.scan.gcActions(),
    ),
    doomed,
    vatstore: harden({
      sizes,
      get: (vatId: VatId, key: string) =>
        tables.vatstore.get(`${vatId} ${key}`),
      set: (vatId: VatId, key: string, value: string | null) => {
        const before = tables.vatstore.get(`${vatId} ${key}`);
        sizes.note(vatId, sizeOf(key, value) - sizeOf(key, before));
        if (value === null) {
          tables.vatstore.delete(`${vatId} ${key}`);
        } else {
          tables.vatstore.set(`${vatId} ${key}`, value);
        }
      },
      following: (vatId: VatId, after: string, count: number) => {
        tables.vatstore.flush();
        return backend.scan.vatstore(vatId, after, count);
      },
      deleteSome: (vatId: VatId, count: number) => {
        tables.vatstore.flush();
        sizes.forget(vatId);
        return backend.deleteVatstore(vatId, count);
      },
    }),
    forgetUnusedBundle: (hash: string, vatIds: Iterable<VatId>) => {
      for (const id of vatIds) {
        if (tables.vats.get(id)?.bundleHash === hash) {
          return;
        }
      }
      tables.bundles.delete(hash);
    },
    nextId: (counter: Counter) => {
      const next = Number(tables.meta.get(`next.${counter}`) ?? '1');
      tables.meta.set(`next.${counter}`, String(next + 1));
      return next;
    },
    lastId: (counter: Counter) =>
      Number(tables.meta.get(`next.${counter}`) ?? '1') - 1,
    scan: () => {
      flush();
      return backend.scan;
    },
    query: backend.query,
    savepoint: journal.savepoint,
    whenKept: journal.whenKept,
    commit: () => {
      flush();
      backend.commit();
    },
    close: backend.close,
  });
};

const sizeOf = (key: string, value: string | null | undefined): number =>
  value === null || value === undefined ? 0 : key.length + value.length;
