/**
 * The simulated disk: the kernel's store in memory, with the one property that
 * matters. What was committed is there after a crash, and nothing else is. A
 * commit can be struck by the crash itself: before it took effect, or after it
 * did but before anybody was told.
 */
import type {
  Giver,
  Grantee,
  InboxRow,
  PromiseQueueRow,
  StoreBackend,
} from '@ocap/kernel';
import {
  isRemoteId,
  type EndpointId,
  type KRef,
  type RemoteId,
  type VRef,
  type VatId,
} from '@ocap/kernel-utils';
import { makeMemoryTable, type MemoryTable } from './memory-table.ts';

type BackendTables = StoreBackend['tables'];
type DiskTables = {
  readonly [Name in keyof BackendTables]: BackendTables[Name] extends {
    read(key: infer Key): infer Row;
  }
    ? Key extends string | number
      ? MemoryTable<Key, Exclude<Row, undefined>>
      : never
    : never;
};

/** How a commit ends. Refused: there is no room, and it has come to nothing. */
export type CommitFate = 'kept' | 'refused' | 'struck before' | 'struck after';

export type Mount = Readonly<{
  /** A daemon that is dead writes nothing. */
  isAlive(): boolean;
  fateOfCommit(): CommitFate;
  onCommitted(): void;
}>;

export type Disk = Readonly<{
  tables: DiskTables;
  /** A backend for one daemon; begins with what is on disk. */
  mount(mount: Mount): StoreBackend;
}>;

export const makeDisk = (): Disk => {
  const tables: DiskTables = {
    vats: makeMemoryTable(),
    subclusters: makeMemoryTable(),
    objects: makeMemoryTable(),
    promises: makeMemoryTable(),
    clist: makeMemoryTable(),
    inbox: makeMemoryTable(),
    promiseQueue: makeMemoryTable(),
    gcActions: makeMemoryTable(),
    vatstore: makeMemoryTable(),
    bundles: makeMemoryTable(),
    names: makeMemoryTable(),
    leases: makeMemoryTable(),
    requests: makeMemoryTable(),
    grants: makeMemoryTable(),
    caps: makeMemoryTable(),
    wakeups: makeMemoryTable(),
    events: makeMemoryTable(),
    urls: makeMemoryTable(),
    accesses: makeMemoryTable(),
    remotes: makeMemoryTable(),
    remoteOutbox: makeMemoryTable(),
    staleNames: makeMemoryTable(),
    introductions: makeMemoryTable(),
    shortcuts: makeMemoryTable(),
    meta: makeMemoryTable(),
  };
  const all = Object.values(tables);

  const mount = (mounted: Mount): StoreBackend => {
    all.forEach((table) => table.rollback());
    return {
      tables: guarded(tables, mounted.isAlive),
      krefOf: (endpoint: EndpointId, vref: VRef) =>
        clistOf(tables, endpoint).find((entry) => entry.vref === vref)?.kref,
      newestPromise: (endpoint: EndpointId) =>
        clistOf(tables, endpoint)
          .filter((entry) => entry.vref.startsWith('p+'))
          .reduce(
            (newest, { vref }) => Math.max(newest, Number(vref.slice(2))),
            0,
          ),
      scan: scansOf(tables),
      deleteVatstore: (vatId: VatId, count: number) => {
        const rows = vatstoreOf(tables, vatId).slice(0, count);
        for (const [key] of rows) {
          tables.vatstore.backend.remove(`${vatId} ${key}`);
        }
        return rows.length;
      },
      query: () => {
        throw Error('the simulated disk knows no SQL');
      },
      problems: () => [],
      commit: () => {
        if (!mounted.isAlive()) {
          throw Error('the daemon is dead');
        }
        const fate = mounted.fateOfCommit();
        if (fate === 'refused') {
          all.forEach((table) => table.rollback());
          return 'the simulated disk is full';
        }
        if (fate !== 'struck before') {
          all.forEach((table) => table.commit());
          mounted.onCommitted();
        }
        if (fate !== 'kept') {
          throw Error(`the commit was ${fate} it took effect`);
        }
        return undefined;
      },
      close: () => undefined,
    };
  };

  return { tables, mount };
};

/** What code of a dead daemon still writes would end up in the next one's tables. */
const guarded = (
  tables: DiskTables,
  isAlive: () => boolean,
): StoreBackend['tables'] =>
  Object.fromEntries(
    Object.entries(tables).map(([name, { backend }]) => {
      const { read, write, remove } = backend as MemoryTable<
        string,
        unknown
      >['backend'];
      return [
        name,
        {
          read,
          write: (key: string, row: unknown) => {
            if (isAlive()) write(key, row);
          },
          remove: (key: string) => {
            if (isAlive()) remove(key);
          },
        },
      ];
    }),
  ) as unknown as StoreBackend['tables'];

type Entry = ReturnType<typeof clistOf>[number];

const clistOf = (tables: DiskTables, endpoint?: EndpointId) =>
  tables.clist.entries().flatMap(([key, row]) => {
    const [owner, kref] = key.split(' ') as [EndpointId, KRef];
    return endpoint === undefined || owner === endpoint
      ? [{ endpoint: owner, kref, ...row }]
      : [];
  });

const vatstoreOf = (
  tables: DiskTables,
  vatId: VatId,
): (readonly [string, string])[] => {
  const prefix = `${vatId} `;
  return tables.vatstore
    .entries()
    .flatMap(([key, value]) =>
      key.startsWith(prefix)
        ? [[key.slice(prefix.length), value] as const]
        : [],
    );
};

const scansOf = (tables: DiskTables): StoreBackend['scan'] => ({
  vatIds: () => tables.vats.entries().map(([id]) => id),
  vats: () => tables.vats.entries().map(([, row]) => row),
  subclusters: () => tables.subclusters.entries().map(([, row]) => row),
  inbox: () =>
    tables.inbox.entries().map(([seq, { vatId }]) => ({ seq, owner: vatId })),
  waiting: () => {
    const payer = (row: InboxRow | PromiseQueueRow): Giver =>
      'sender' in row
        ? row.sender
        : (tables.vats.backend.read(row.vatId as VatId)?.subclusterId ??
          (row.vatId as Giver));
    const rows = [
      ...tables.inbox.entries().map(([, row]) => row),
      ...tables.promiseQueue.entries().map(([, row]) => row),
    ];
    return [...Map.groupBy(rows, payer)].map(
      ([sender, all]) =>
        [
          sender,
          {
            messages: all.length,
            chars: all.reduce(
              (n, row) =>
                n + ('methargs' in row ? row.methargs.body.length : 0),
              0,
            ),
          },
        ] as const,
    );
  },
  promiseQueue: () =>
    tables.promiseQueue
      .entries()
      .map(([seq, { target }]) => ({ seq, owner: target })),
  gcActions: () => tables.gcActions.entries().map(([key]) => key),
  objects: () => tables.objects.entries(),
  promises: () => tables.promises.entries(),
  openPromises: () =>
    tables.promises
      .entries()
      .filter(([, { decider, awaited }]) => decider !== null || awaited)
      .map(([kref]) => kref),
  decidedBy: (endpoint) =>
    tables.promises
      .entries()
      .filter(([, { decider }]) => decider === endpoint)
      .map(([kref]) => kref),
  clist: (endpoint): Entry[] => clistOf(tables, endpoint),
  clistStart: (endpoint, count) => clistOf(tables, endpoint).slice(0, count),
  names: () => tables.names.entries(),
  leases: () => tables.leases.entries(),
  requests: () => tables.requests.entries(),
  grants: () => tables.grants.entries(),
  remotes: () => tables.remotes.entries(),
  remoteOutbox: (of) =>
    tables.remoteOutbox
      .entries()
      .map(([key]) => {
        const [remote, seq] = key.split(' ') as [RemoteId, string];
        return { remote, seq: Number(seq) };
      })
      .filter(({ remote }) => of === undefined || remote === of)
      .sort((a, b) => a.seq - b.seq),
  staleNames: (of) =>
    tables.staleNames
      .entries()
      .filter(([key]) => of === undefined || key.startsWith(`${of} `)),
  remoteSizes: (name) => {
    const keys =
      name === 'clist' ? tables.clist.entries() : tables.staleNames.entries();
    const ids = keys.map(([key]) => key.split(' ')[0] ?? '').filter(isRemoteId);
    return [...Map.groupBy(ids, (id) => id)].map(
      ([id, all]) => [id, all.length] as const,
    );
  },
  introductions: () => tables.introductions.entries(),
  shortcuts: () => tables.shortcuts.entries(),
  caps: (of) =>
    tables.caps.entries().flatMap(([key, row]) => {
      const [kref, grantee] = key.split(' ') as [KRef, Grantee];
      const wanted =
        of === undefined ||
        (of === 'revoked' ? row.some(({ revoked }) => revoked) : of === kref);
      return wanted ? [{ kref, grantee, row }] : [];
    }),
  urls: () => tables.urls.entries(),
  accesses: () => tables.accesses.entries(),
  wakeups: () => tables.wakeups.entries(),
  events: (after) => tables.events.entries().filter(([seq]) => seq > after),
  bundleHashes: () => tables.bundles.entries().map(([hash]) => hash),
  vatstoreSize: (vatId) =>
    vatstoreOf(tables, vatId).reduce(
      (sum, [key, value]) => sum + key.length + value.length,
      0,
    ),
  vatstore: (vatId, after, count) =>
    vatstoreOf(tables, vatId)
      .filter(([key]) => key > after)
      .slice(0, count),
});
