/**
 * The database behind the store, as the kernel asks for it. One implementation
 * holds all of the SQL; the simulation has another, in memory.
 */
import type {
  EndpointId,
  KRef,
  OwnerId,
  SubclusterId,
  VRef,
  VatId,
} from '@ocap/kernel-utils';
import type {
  CapRow,
  ClistEntry,
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
import type { TableBackend } from './table.ts';

/** A row of `caps` with its key. */
type CapEntry = Readonly<{
  kref: KRef;
  grantee: SubclusterId;
  row: CapRow;
}>;

export type StoreBackend = Readonly<{
  tables: Readonly<{
    vats: TableBackend<VatId, VatRow>;
    subclusters: TableBackend<SubclusterId, SubclusterRow>;
    objects: TableBackend<KRef, ObjectRow>;
    promises: TableBackend<KRef, PromiseRow>;
    /** Key: `endpoint kref`. */
    clist: TableBackend<string, ClistRow>;
    inbox: TableBackend<number, InboxRow>;
    promiseQueue: TableBackend<number, PromiseQueueRow>;
    /** Key: `endpoint action kref`. */
    gcActions: TableBackend<string, true>;
    /** Key: `vat key`. */
    vatstore: TableBackend<string, string>;
    bundles: TableBackend<string, string>;
    names: TableBackend<string, KRef>;
    leases: TableBackend<KRef, LeaseRow>;
    requests: TableBackend<string, RequestRow>;
    grants: TableBackend<KRef, GrantRow>;
    /** Key: `kref subcluster`. */
    caps: TableBackend<string, CapRow>;
    wakeups: TableBackend<string, WakeupRow>;
    events: TableBackend<number, EventRow>;
    urls: TableBackend<string, UrlRow>;
    meta: TableBackend<string, string>;
  }>;
  krefOf(endpoint: EndpointId, vref: VRef): KRef | undefined;
  /** Every row of a table, as of the last flush. */
  scan: Readonly<{
    vatIds(): Iterable<VatId>;
    vats(): Iterable<VatRow>;
    subclusters(): Iterable<SubclusterRow>;
    inbox(): Iterable<Readonly<{ seq: number; owner: OwnerId }>>;
    grants(): Iterable<readonly [KRef, GrantRow]>;
    /** Of one object, of all those with something revoked, or of all. */
    caps(of?: KRef | 'revoked'): Iterable<CapEntry>;
    wakeups(): Iterable<readonly [string, WakeupRow]>;
    urls(): Iterable<readonly [string, UrlRow]>;
    /** After this number, in order. */
    events(after: number): Iterable<readonly [number, EventRow]>;
    promiseQueue(): Iterable<Readonly<{ seq: number; owner: KRef }>>;
    gcActions(): Iterable<string>;
    objects(): Iterable<readonly [KRef, ObjectRow]>;
    promises(): Iterable<readonly [KRef, PromiseRow]>;
    /** Promises that some vat must resolve, or that a client awaits. */
    openPromises(): Iterable<KRef>;
    clist(endpoint?: EndpointId): Iterable<ClistEntry>;
    names(): Iterable<readonly [string, KRef]>;
    leases(): Iterable<readonly [KRef, LeaseRow]>;
    requests(): Iterable<readonly [string, RequestRow]>;
    bundleHashes(): Iterable<string>;
    /** Characters of all keys and values of a vat. */
    vatstoreSize(vatId: VatId): number;
    /** Keys after `after` (exclusive), in order, at most `count`, with their values. */
    vatstore(
      vatId: VatId,
      after: string,
      count: number,
    ): readonly (readonly [string, string])[];
  }>;
  /** Deletes at most `count` rows; returns how many. */
  deleteVatstore(vatId: VatId, count: number): number;
  /** Rows of one statement on a connection that cannot write. */
  query(sql: string): readonly Record<string, unknown>[];
  commit(): void;
  close(): void;
}>;
