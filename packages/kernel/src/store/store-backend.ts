/**
 * The database behind the store, as the kernel asks for it. One implementation
 * holds all of the SQL; the simulation has another, in memory.
 */
import type {
  EndpointId,
  KRef,
  OwnerId,
  RemoteId,
  SubclusterId,
  VRef,
  VatId,
} from '@ocap/kernel-utils';
import type { QueryRow } from '../kernel-api.ts';
import type {
  AccessRow,
  CapRow,
  ClistEntry,
  ClistRow,
  EventRow,
  Giver,
  Grantee,
  GrantRow,
  InboxRow,
  IntroductionRow,
  LeaseRow,
  ObjectRow,
  PromiseQueueRow,
  PromiseRow,
  RemoteRow,
  RequestRow,
  ShortcutRow,
  SubclusterRow,
  UrlRow,
  VatRow,
  WakeupRow,
} from './rows.ts';
import type { TableBackend } from './table.ts';
import type { Answers } from './remote-answers.ts';
import type { Load } from './waiting.ts';

/** A row of `caps` with its key. */
type CapEntry = Readonly<{
  kref: KRef;
  grantee: Grantee;
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
    accesses: TableBackend<string, AccessRow>;
    remotes: TableBackend<RemoteId, RemoteRow>;
    /** Key: `remote seq`. */
    remoteOutbox: TableBackend<string, string>;
    /** Key: `remote vref`. */
    staleNames: TableBackend<string, KRef>;
    /** Key: `kref remote`. */
    introductions: TableBackend<string, IntroductionRow>;
    shortcuts: TableBackend<KRef, ShortcutRow>;
    meta: TableBackend<string, string>;
  }>;
  krefOf(endpoint: EndpointId, vref: VRef): KRef | undefined;
  /** The endpoint's names `p+N`, for promises of its own; in any order. */
  exportedPromises(endpoint: EndpointId): Iterable<VRef>;
  /** Every row of a table, as of the last flush. */
  scan: Readonly<{
    vatIds(): Iterable<VatId>;
    vats(): Iterable<VatRow>;
    subclusters(): Iterable<SubclusterRow>;
    inbox(): Iterable<Readonly<{ seq: number; owner: OwnerId }>>;
    grants(): Iterable<readonly [KRef, GrantRow]>;
    /** Of one object, of all those with something revoked or by a voucher, or of all. */
    caps(of?: KRef | 'revoked' | 'vouched'): Iterable<CapEntry>;
    /** Those that may have the grant of this id: what is in them has to be looked at. */
    capsOfGrant(id: string): Iterable<CapEntry>;
    wakeups(): Iterable<readonly [string, WakeupRow]>;
    urls(): Iterable<readonly [string, UrlRow]>;
    accesses(): Iterable<readonly [string, AccessRow]>;
    remotes(): Iterable<readonly [RemoteId, RemoteRow]>;
    /** Of one of them, or of all; in order. */
    remoteOutbox(
      of?: RemoteId,
    ): Iterable<Readonly<{ remote: RemoteId; seq: number }>>;
    /** With their keys, of one other kernel (the first so many, or each) or of all. */
    staleNames(
      of?: RemoteId,
      count?: number,
    ): Iterable<readonly [string, KRef]>;
    /** How many rows of the table each other kernel has. */
    remoteSizes(
      table: 'clist' | 'stale_names',
    ): Iterable<readonly [RemoteId, number]>;
    remoteAnswers(): Iterable<readonly [RemoteId, Answers]>;
    /** Recorded answers of each access, with their size. */
    recorded(): Iterable<readonly [access: string, Answers]>;
    /** With their keys. */
    introductions(): Iterable<readonly [string, IntroductionRow]>;
    shortcuts(): Iterable<readonly [KRef, ShortcutRow]>;
    /** After this number, in order. */
    events(after: number): Iterable<readonly [number, EventRow]>;
    /** Of each sender, over both queues. */
    waiting(): Iterable<readonly [Giver, Load]>;
    /** Of other kernels, what waits behind promises and for other kernels. */
    parked(): Iterable<readonly [RemoteId, Load]>;
    promiseQueue(): Iterable<Readonly<{ seq: number; owner: KRef }>>;
    gcActions(): Iterable<string>;
    objects(): Iterable<readonly [KRef, ObjectRow]>;
    promises(): Iterable<readonly [KRef, PromiseRow]>;
    /** Promises that some vat must resolve, or that a client awaits. */
    openPromises(): Iterable<KRef>;
    clist(endpoint?: EndpointId): Iterable<ClistEntry>;
    /** The first so many. */
    clistStart(endpoint: EndpointId, count: number): Iterable<ClistEntry>;
    /** Those whose vrefs are between two texts (exclusive), in their order, at most `count`. */
    clistBetween(
      endpoint: EndpointId,
      bounds: Readonly<{ after: string; before: string }>,
      count: number,
    ): Iterable<ClistEntry>;
    /**
     * Of the next `count` imports of a vat after this vref, in their order, those
     * of which its vatstore has no counter (key: `counter` and the vref), and no
     * recognizer either (keys that begin with `recognizer`, the vref and `|`)
     * once the vat cannot reach them.
     */
    uncountedImports(
      vatId: VatId,
      keys: Readonly<{ counter: string; recognizer: string }>,
      after: string,
      count: number,
    ): Readonly<{
      entries: readonly ClistEntry[];
      /** Where to go on; undefined after the last of all. */
      last: string | undefined;
    }>;
    names(): Iterable<readonly [string, KRef]>;
    leases(): Iterable<readonly [KRef, LeaseRow]>;
    /** Those that end until then (epoch ms), the earliest first, at most `count`. */
    expiredLeases(until: number, count: number): Iterable<KRef>;
    requests(): Iterable<readonly [string, RequestRow]>;
    /** The same of requests, once they are answered. */
    expiredRequests(until: number, count: number): Iterable<string>;
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
  query(sql: string): readonly QueryRow[];
  /** Reads all of it, and says what is not as it was written: sentences. */
  problems(): readonly string[];
  /**
   * Undefined once everything is on disk. Otherwise why the disk has not taken it:
   * then the database is as after the last commit, and it may be tried again.
   * Throws where nobody can say what is on disk.
   */
  commit(): string | undefined;
  close(): void;
}>;
