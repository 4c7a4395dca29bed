/**
 * The simulated disk: the kernel's store in memory, with the one property that
 * matters. What was committed is there after a crash, and nothing else is. A
 * commit can be struck by the crash itself: before it took effect, or after it
 * did but before anybody was told.
 */
import type { StoreBackend } from '@ocap/kernel';
import type { EndpointId, VRef, VatId } from '@ocap/kernel-utils';
import { clistOf, scansOf, vatstoreOf } from './disk-scans.ts';
import {
  makeMemoryTable,
  type DiskTables,
  type MemoryTable,
} from './memory-table.ts';

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
      exportedPromises: (endpoint: EndpointId) =>
        clistOf(tables, endpoint)
          .map(({ vref }) => vref)
          .filter((vref) => vref.startsWith('p+')),
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
