/**
 * The typed interface through which the kernel sees its durable state, over a
 * backend that holds the SQL. All changes are made in memory; `commit` writes
 * them in one transaction. `savepoint` makes one crank all or nothing.
 */
import harden from '@endo/harden';
import type {
  KRef,
  OwnerId,
  RemoteId,
  SubclusterId,
  VatId,
} from '@ocap/kernel-utils';
import { makeClist, type Clist } from './clist.ts';
import type { Counter } from './counters.ts';
import { makeDeletions } from './deletions.ts';
import { makeDoomed, type Doomed } from './doomed.ts';
import { makeGcActions, type GcActions } from './gc-actions.ts';
import { makeJournal } from './journal.ts';
import { makeExportNewness, makeKrefNewness } from './newness.ts';
import { makeQueues, type Queues } from './queues.ts';
import type * as rows from './rows.ts';
import {
  makeRecordedAnswers,
  type RecordedAnswers,
} from './recorded-answers.ts';
import { makeRemoteAnswers, type RemoteAnswers } from './remote-answers.ts';
import { makeStaleNames, namesIn, type StaleNames } from './stale-names.ts';
import type { StoreBackend } from './store-backend.ts';
import { makeVatstores, type Vatstores } from './vatstores.ts';
import { makeWaiting, type Waiting } from './waiting.ts';
import {
  makeTable,
  type CacheOptions,
  type Table,
  type TableBackend,
} from './table.ts';

const REMOTE_COMMS = 'remote.comms';
/** Written into a copy when it takes the place of a database. */
const RESTORED = 'restored';

export type KernelStore = Readonly<{
  vats: Table<VatId, rows.VatRow>;
  subclusters: Table<SubclusterId, rows.SubclusterRow>;
  objects: Table<KRef, rows.ObjectRow>;
  promises: Table<KRef, rows.PromiseRow>;
  bundles: Table<string, string>;
  names: Table<string, KRef>;
  leases: Table<KRef, rows.LeaseRow>;
  requests: RecordedAnswers;
  grants: Table<KRef, rows.GrantRow>;
  caps: Table<string, rows.CapRow>;
  wakeups: Table<string, rows.WakeupRow>;
  events: Table<number, rows.EventRow>;
  urls: Table<string, rows.UrlRow>;
  accesses: Table<string, rows.AccessRow>;
  remotes: Table<RemoteId, rows.RemoteRow>;
  remoteOutbox: Table<string, string>;
  staleNames: StaleNames;
  introductions: Table<string, rows.IntroductionRow>;
  shortcuts: Table<KRef, rows.ShortcutRow>;
  /** What the daemon was told of how to be reached, as JSON. */
  remoteComms: Readonly<{ get(): string | undefined; set(text: string): void }>;
  /** Whether this is an earlier state that was brought back; says so once. */
  takeRestored(): boolean;
  /** How much of a sender is in the two queues below. */
  waiting: Waiting['of'];
  parked: Waiting['parked'];
  /** How much of what it was answered is kept for another kernel. */
  remoteAnswers: RemoteAnswers['of'];
  inbox: Queues<OwnerId, rows.InboxRow>;
  promiseQueue: Queues<KRef, rows.PromiseQueueRow>;
  clist: Omit<Clist, 'lookups'>;
  gcActions: GcActions;
  vatstore: Vatstores;
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
  /** Whether what is on disk is still what was written there. */
  problems: StoreBackend['problems'];
  savepoint<T>(body: () => T): T;
  /** Runs `task` once the open savepoint is kept; never if it is undone. */
  whenKept(task: () => void): void;
  /**
   * As the backend's. What the disk has not taken stays in memory, and is part of
   * the next attempt.
   */
  commit(): string | undefined;
  close(): void;
}>;

export const makeKernelStore = (backend: StoreBackend): KernelStore => {
  const journal = makeJournal();
  const tableOf = <Key extends string | number, Row>(
    tableBackend: TableBackend<Key, Row>,
    options?: CacheOptions<Key, Row>,
  ): Table<Key, Row> => makeTable(journal, tableBackend, options);
  const t = backend.tables;
  const meta = tableOf(t.meta);
  const lastId = (counter: Counter): number =>
    Number(meta.get(`next.${counter}`) ?? '1') - 1;
  const stale = makeExportNewness((id) =>
    namesIn(backend.scan.staleNames(id as RemoteId)),
  );
  const tables = {
    meta,
    vats: tableOf(t.vats),
    subclusters: tableOf(t.subclusters),
    objects: tableOf(t.objects, { newness: makeKrefNewness(lastId) }),
    promises: tableOf(t.promises, {
      newness: makeKrefNewness(lastId),
      // Those of one message at its limit are looked up again when it is settled.
      rows: 20_000,
      charsOf: ({ data }) => data?.body.length ?? 0,
    }),
    clist: tableOf(t.clist, { newness: makeKrefNewness(lastId) }),
    inbox: tableOf(t.inbox, {
      charsOf: (row) => (row.kind === 'message' ? row.methargs.body.length : 0),
    }),
    promiseQueue: tableOf(t.promiseQueue, {
      charsOf: ({ methargs }) => methargs.body.length,
    }),
    gcActions: tableOf(t.gcActions),
    // Hosts have a cache of their own; a second copy here would only cost memory.
    vatstore: tableOf(t.vatstore, { rows: 0 }),
    bundles: tableOf(t.bundles, { rows: 0 }),
    names: tableOf(t.names),
    leases: tableOf(t.leases),
    requests: tableOf(t.requests, {
      charsOf: ({ data }) => data?.body.length ?? 0,
    }),
    grants: tableOf(t.grants),
    caps: tableOf(t.caps),
    wakeups: tableOf(t.wakeups),
    events: tableOf(t.events, { rows: 0 }),
    urls: tableOf(t.urls),
    accesses: tableOf(t.accesses),
    remotes: tableOf(t.remotes),
    remoteOutbox: tableOf(t.remoteOutbox, { charsOf: (text) => text.length }),
    staleNames: tableOf(t.staleNames, { newness: stale }),
    introductions: tableOf(t.introductions),
    shortcuts: tableOf(t.shortcuts),
  };
  const clist = makeClist(journal, tables.clist, backend);
  const deletions = makeDeletions(backend);
  const written = [...Object.values(tables), clist.lookups, deletions];

  const flush = (): void => {
    if (journal.isOpen()) {
      throw Error('the store cannot be read whole within a savepoint');
    }
    written.forEach((part) => part.flush());
  };
  const tryCommit = (): string | undefined => {
    flush();
    const problem = backend.commit();
    written.forEach((part) =>
      problem === undefined ? part.onCommitted() : part.onUndone(),
    );
    return problem;
  };

  const doomed = makeDoomed(tables.meta);
  const waiting = makeWaiting(journal, backend.scan, tables.vats.get);
  const answers = makeRemoteAnswers(
    journal,
    backend.scan.remoteAnswers(),
    tables.promises.get,
  );

  return harden({
    vats: tables.vats,
    subclusters: tables.subclusters,
    objects: tables.objects,
    promises: tables.promises,
    bundles: tables.bundles,
    names: tables.names,
    leases: tables.leases,
    requests: makeRecordedAnswers(
      journal,
      tables.requests,
      backend.scan.recorded(),
    ),
    grants: tables.grants,
    caps: tables.caps,
    wakeups: tables.wakeups,
    events: tables.events,
    urls: tables.urls,
    accesses: tables.accesses,
    remotes: tables.remotes,
    remoteOutbox: tables.remoteOutbox,
    staleNames: makeStaleNames(
      journal,
      tables.staleNames,
      stale,
      backend.scan.remoteSizes('stale_names'),
      answers,
    ),
    remoteAnswers: answers.of,
    introductions: tables.introductions,
    shortcuts: tables.shortcuts,
    takeRestored: () => {
      const isRestored = tables.meta.get(RESTORED) !== undefined;
      if (isRestored) {
        tables.meta.delete(RESTORED);
      }
      return isRestored;
    },
    remoteComms: {
      get: () => tables.meta.get(REMOTE_COMMS),
      set: (text: string) => tables.meta.set(REMOTE_COMMS, text),
    },
    waiting: waiting.of,
    parked: waiting.parked,
    inbox: makeQueues(
      journal,
      tables.inbox,
      backend.scan.inbox(),
      (row, sign) => {
        waiting.note(row, sign);
        answers.noteRow(row, sign);
      },
    ),
    promiseQueue: makeQueues(
      journal,
      tables.promiseQueue,
      backend.scan.promiseQueue(),
      waiting.note,
    ),
    clist,
    gcActions: makeGcActions(
      journal,
      tables.gcActions,
      backend.scan.gcActions(),
    ),
    doomed,
    vatstore: makeVatstores(journal, tables.vatstore, backend.scan, deletions),
    forgetUnusedBundle: (hash: string, vatIds: Iterable<VatId>) => {
      for (const id of vatIds) {
        if (tables.vats.get(id)?.bundleHash === hash) {
          return;
        }
      }
      tables.bundles.delete(hash);
    },
    nextId: (counter: Counter) => {
      const next = lastId(counter) + 1;
      tables.meta.set(`next.${counter}`, String(next + 1));
      return next;
    },
    lastId,
    scan: () => {
      flush();
      return backend.scan;
    },
    query: backend.query,
    problems: backend.problems,
    savepoint: journal.savepoint,
    whenKept: journal.whenKept,
    // A second time, because the backend may have made room for it meanwhile.
    commit: () => (tryCommit() === undefined ? undefined : tryCommit()),
    close: backend.close,
  });
};
