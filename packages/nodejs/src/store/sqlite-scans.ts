/** Reads over whole tables, for start-up, `getStatus` and the audit. */
import type { StoreBackend } from '@ocap/kernel';
import type {
  EndpointId,
  KRef,
  OwnerId,
  SubclusterId,
  VatId,
} from '@ocap/kernel-utils';
import type { Sqlite } from './open-database.ts';
import {
  capCodec,
  clistCodec,
  eventCodec,
  grantCodec,
  objectCodec,
  promiseCodec,
  requestCodec,
  subclusterCodec,
  urlCodec,
  vatCodec,
  wakeupCodec,
  type Codec,
  type Column,
  type Columns,
} from './row-codecs.ts';

export const makeScans = (db: Sqlite): StoreBackend['scan'] => {
  const rows = (sql: string, ...parameters: Column[]): Columns[] =>
    db.prepare<Column[], Columns>(sql).all(...parameters);
  const column = <T>(sql: string, ...parameters: Column[]): T[] =>
    db
      .prepare<Column[], T>(sql)
      .pluck()
      .all(...parameters);
  const pairs = <K, Row>(
    sql: string,
    key: string,
    codec: Pick<Codec<Row>, 'toRow'>,
  ): (readonly [K, Row])[] =>
    rows(sql).map(
      (columns) => [columns[key] as K, codec.toRow(columns)] as const,
    );
  const vatstorePage = db
    .prepare<[string, string, number], [string, string]>(
      'SELECT key, value FROM vatstore WHERE vat_id = ? AND key > ? ORDER BY key LIMIT ?',
    )
    .raw();

  return {
    vatIds: () => column<VatId>('SELECT id FROM vats'),
    vats: () => rows('SELECT * FROM vats').map(vatCodec.toRow),
    subclusters: () =>
      rows('SELECT * FROM subclusters').map(subclusterCodec.toRow),
    inbox: () =>
      rows('SELECT seq, vat_id FROM inbox ORDER BY seq').map((c) => ({
        seq: Number(c['seq']),
        owner: c['vat_id'] as OwnerId,
      })),
    promiseQueue: () =>
      rows('SELECT seq, promise FROM promise_queue ORDER BY seq').map((c) => ({
        seq: Number(c['seq']),
        owner: c['promise'] as KRef,
      })),
    gcActions: () =>
      column<string>(
        `SELECT vat_id || ' ' || action || ' ' || kref FROM gc_actions`,
      ),
    objects: () =>
      pairs<KRef, ReturnType<typeof objectCodec.toRow>>(
        'SELECT * FROM objects',
        'kref',
        objectCodec,
      ),
    promises: () =>
      pairs<KRef, ReturnType<typeof promiseCodec.toRow>>(
        'SELECT * FROM promises',
        'kref',
        promiseCodec,
      ),
    openPromises: () =>
      column<KRef>(
        'SELECT kref FROM promises WHERE decider IS NOT NULL OR awaited = 1',
      ),
    clist: (endpoint) =>
      (endpoint === undefined
        ? rows('SELECT * FROM clist')
        : rows('SELECT * FROM clist WHERE endpoint = ?', endpoint)
      ).map((c) => ({
        endpoint: c['endpoint'] as EndpointId,
        kref: c['kref'] as KRef,
        ...clistCodec.toRow(c),
      })),
    grants: () =>
      pairs<KRef, ReturnType<typeof grantCodec.toRow>>(
        'SELECT * FROM grants',
        'kref',
        grantCodec,
      ),
    caps: (of) =>
      (of === undefined
        ? rows('SELECT * FROM caps')
        : of === 'revoked'
          ? rows('SELECT * FROM caps WHERE revoked = 1')
          : rows('SELECT * FROM caps WHERE kref = ?', of)
      ).map((c) => ({
        kref: c['kref'] as KRef,
        grantee: c['grantee'] as SubclusterId,
        row: capCodec.toRow(c),
      })),
    urls: () =>
      pairs<string, ReturnType<typeof urlCodec.toRow>>(
        'SELECT * FROM urls',
        'id',
        urlCodec,
      ),
    wakeups: () =>
      pairs<string, ReturnType<typeof wakeupCodec.toRow>>(
        'SELECT * FROM wakeups',
        'id',
        wakeupCodec,
      ),
    events: (after) =>
      rows('SELECT * FROM events WHERE seq > ? ORDER BY seq', after).map(
        (c) => [Number(c['seq']), eventCodec.toRow(c)] as const,
      ),
    names: () =>
      rows('SELECT * FROM names ORDER BY name').map(
        (c) => [c['name'] as string, c['kref'] as KRef] as const,
      ),
    leases: () =>
      rows('SELECT * FROM leases').map(
        (c) => [c['kref'] as KRef, { expires: Number(c['expires']) }] as const,
      ),
    requests: () =>
      pairs<string, ReturnType<typeof requestCodec.toRow>>(
        'SELECT * FROM requests',
        'id',
        requestCodec,
      ),
    bundleHashes: () => column<string>('SELECT hash FROM bundles'),
    vatstoreSize: (vatId) =>
      column<number>(
        'SELECT coalesce(sum(length(key) + length(value)), 0) FROM vatstore WHERE vat_id = ?',
        vatId,
      )[0] ?? 0,
    vatstore: (vatId, after, count) => vatstorePage.all(vatId, after, count),
  };
};
