/** What the kernel reads of whole tables, from the simulated disk. */
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
  type VatId,
} from '@ocap/kernel-utils';
import type { DiskTables } from './memory-table.ts';

type Entry = ReturnType<typeof clistOf>[number];

export const clistOf = (tables: DiskTables, endpoint?: EndpointId) =>
  tables.clist.entries().flatMap(([key, row]) => {
    const [owner, kref] = key.split(' ') as [EndpointId, KRef];
    return endpoint === undefined || owner === endpoint
      ? [{ endpoint: owner, kref, ...row }]
      : [];
  });

const byVref = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => (a.vref < b.vref ? -1 : 1));

export const vatstoreOf = (
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

export const scansOf = (tables: DiskTables): StoreBackend['scan'] => ({
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
      ...tables.inbox
        .entries()
        .map(([, row]) => row)
        .filter(({ kind, vatId }) => kind === 'message' || !isRemoteId(vatId)),
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
  parked: () => {
    const rows = [
      ...tables.inbox
        .entries()
        .map(([, row]) => row)
        .filter(({ vatId }) => isRemoteId(vatId)),
      ...tables.promiseQueue.entries().map(([, row]) => row),
    ].flatMap((row) => ('methargs' in row ? [row] : []));
    const ofRemotes = rows.filter(({ sender }) => isRemoteId(sender));
    return [...Map.groupBy(ofRemotes, ({ sender }) => sender as RemoteId)].map(
      ([id, all]) =>
        [
          id,
          {
            messages: all.length,
            chars: all.reduce((n, { methargs }) => n + methargs.body.length, 0),
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
  clist: (endpoint): Entry[] => clistOf(tables, endpoint),
  clistStart: (endpoint, count) => clistOf(tables, endpoint).slice(0, count),
  clistBetween: (endpoint, { after, before }, count) =>
    byVref(clistOf(tables, endpoint))
      .filter(({ vref }) => vref > after && vref < before)
      .slice(0, count),
  uncountedImports: (vatId, { counter, recognizer }, after, count) => {
    const keys = vatstoreOf(tables, vatId).map(([key]) => key);
    const imports = byVref(clistOf(tables, vatId)).filter(({ vref }) =>
      vref.startsWith('o-'),
    );
    const next = imports.filter(({ vref }) => vref > after).slice(0, count);
    return {
      entries: next.filter(
        ({ vref, reachable }) =>
          !keys.includes(`${counter}${vref}`) &&
          (reachable ||
            !keys.some((key) => key.startsWith(`${recognizer}${vref}|`))),
      ),
      last: next.length === count ? next.at(-1)?.vref : undefined,
    };
  },
  names: () => tables.names.entries(),
  leases: () => tables.leases.entries(),
  expiredLeases: (until, count) =>
    tables.leases
      .entries()
      .filter(([, { expires }]) => expires <= until)
      .sort(([, a], [, b]) => a.expires - b.expires)
      .slice(0, count)
      .map(([kref]) => kref),
  requests: () => tables.requests.entries(),
  // Nobody in the simulation has an access.
  recorded: () => [],
  expiredRequests: (until, count) =>
    tables.requests
      .entries()
      .filter(
        ([, { expires, promise }]) => expires <= until && promise === null,
      )
      .sort(([, a], [, b]) => a.expires - b.expires)
      .slice(0, count)
      .map(([id]) => id),
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
  staleNames: (of, count) =>
    tables.staleNames
      .entries()
      .filter(([key]) => of === undefined || key.startsWith(`${of} `))
      .slice(0, count),
  remoteSizes: (name) => {
    const keys =
      name === 'clist' ? tables.clist.entries() : tables.staleNames.entries();
    const ids = keys.map(([key]) => key.split(' ')[0] ?? '').filter(isRemoteId);
    return [...Map.groupBy(ids, (id) => id)].map(
      ([id, all]) => [id, all.length] as const,
    );
  },
  remoteAnswers: () => {
    const kept = [
      ...tables.staleNames
        .entries()
        .map(([key, kref]) => [key.split(' ')[0] ?? '', kref] as const),
      ...tables.inbox
        .entries()
        .filter(([, { kind }]) => kind === 'notify')
        .map(([, { vatId, target }]) => [vatId, target] as const),
    ].filter(([id]) => isRemoteId(id));
    const charsOf = (kref: KRef): number => {
      const { data = null } = tables.promises.backend.read(kref) ?? {};
      return data === null
        ? 0
        : data.body.length + JSON.stringify(data.slots).length;
    };
    return [...Map.groupBy(kept, ([id]) => id as RemoteId)].map(
      ([id, all]) =>
        [
          id,
          {
            count: all.length,
            chars: all.reduce((n, [, kref]) => n + charsOf(kref), 0),
          },
        ] as const,
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
  capsOfGrant: (id) =>
    tables.caps.entries().flatMap(([key, row]) => {
      const [kref, grantee] = key.split(' ') as [KRef, Grantee];
      return row.some((grant) => grant.id === id)
        ? [{ kref, grantee, row }]
        : [];
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
