/** Reads over whole tables, for start-up, `getStatus` and the audit. */
import type { ClistEntry, Grantee, StoreBackend } from '@ocap/kernel';
import type {
  EndpointId,
  KRef,
  OwnerId,
  RemoteId,
  VatId,
} from '@ocap/kernel-utils';
import { accessCodec } from './access-codec.ts';
import type { Sqlite } from './open-database.ts';
import {
  introductionCodec,
  remoteCodec,
  shortcutCodec,
} from './remote-codec.ts';
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
import { areSound } from './row-sums.ts';
import { makeSums } from './sqlite-sums.ts';
import type { OnDamage } from './sqlite-tables.ts';

export const makeScans = (
  db: Sqlite,
  onDamage: OnDamage,
): StoreBackend['scan'] => {
  /** Whole rows are compared with their checksums. */
  const sound = (found: Columns[], sql: string): Columns[] =>
    areSound(found) ? found : onDamage(/FROM (\w+)/u.exec(sql)?.[1] ?? '');
  const rows = (sql: string, ...parameters: Column[]): Columns[] =>
    sound(db.prepare<Column[], Columns>(sql).all(...parameters), sql);
  /** Of one other kernel, or of all. */
  const rowsOf = (
    sql: string,
    of: string | undefined,
    by: string,
    /** By default each. */
    count = -1,
  ): Columns[] =>
    of === undefined
      ? rows(`${sql} ORDER BY ${by}`)
      : rows(`${sql} WHERE remote = ? ORDER BY ${by} LIMIT ?`, of, count);
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
  const vatstorePage =
    'SELECT * FROM vatstore WHERE vat_id = ? AND key > ? ORDER BY key LIMIT ?';

  return {
    ...makeSums(db),
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
      ).map(clistEntry),
    clistStart: (endpoint, count) =>
      rows(
        'SELECT * FROM clist WHERE endpoint = ? LIMIT ?',
        endpoint,
        count,
      ).map(clistEntry),
    clistBetween: (endpoint, { after, before }, count) =>
      rows(
        `SELECT * FROM clist INDEXED BY clist_by_vref
         WHERE endpoint = ? AND vref > ? AND vref < ? ORDER BY vref LIMIT ?`,
        endpoint,
        after,
        before,
        count,
      ).map(clistEntry),
    uncountedImports: (vatId, { counter, recognizer }, after, count) => {
      const [last] = column<string>(
        `SELECT vref FROM clist INDEXED BY clist_by_vref
         WHERE endpoint = ? AND vref > ? AND vref < 'o.' ORDER BY vref LIMIT 1 OFFSET ?`,
        vatId,
        after,
        count - 1,
      );
      const entries = rows(
        `SELECT * FROM clist INDEXED BY clist_by_vref
         WHERE endpoint = ? AND vref > ? AND vref <= ?
           AND NOT EXISTS (SELECT 1 FROM vatstore
             WHERE vat_id = endpoint AND key = ? || vref)
           AND (reachable = 1 OR NOT EXISTS (SELECT 1 FROM vatstore
             WHERE vat_id = endpoint
               AND key > ? || vref || '|' AND key < ? || vref || '}'))
         ORDER BY vref`,
        vatId,
        after,
        // Vrefs of imports begin with "o-", and this comes after all of them.
        last ?? 'o.',
        counter,
        recognizer,
        recognizer,
      ).map(clistEntry);
      return { entries, last };
    },
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
          : of === 'vouched'
            ? rows(`SELECT * FROM caps WHERE grants LIKE '%"voucher":%'`)
            : rows('SELECT * FROM caps WHERE kref = ?', of)
      ).map(capEntry),
    capsOfGrant: (id) =>
      rows(
        'SELECT * FROM caps WHERE instr(grants, ?) > 0',
        `"id":${JSON.stringify(id)}`,
      ).map(capEntry),
    urls: () =>
      pairs<string, ReturnType<typeof urlCodec.toRow>>(
        'SELECT * FROM urls',
        'id',
        urlCodec,
      ),
    accesses: () =>
      pairs<string, ReturnType<typeof accessCodec.toRow>>(
        'SELECT * FROM accesses',
        'id',
        accessCodec,
      ),
    remotes: () =>
      pairs<RemoteId, ReturnType<typeof remoteCodec.toRow>>(
        'SELECT * FROM remotes',
        'id',
        remoteCodec,
      ),
    remoteOutbox: (of) =>
      rowsOf('SELECT remote, seq FROM remote_outbox', of, 'remote, seq').map(
        (c) => ({ remote: c['remote'] as RemoteId, seq: Number(c['seq']) }),
      ),
    staleNames: (of, count) =>
      rowsOf('SELECT * FROM stale_names', of, 'vref', count).map(
        (c) =>
          [
            `${String(c['remote'])} ${String(c['vref'])}`,
            c['kref'] as KRef,
          ] as const,
      ),
    introductions: () =>
      rows('SELECT * FROM introductions').map(
        (c) =>
          [
            `${String(c['kref'])} ${String(c['remote'])}`,
            introductionCodec.toRow(c),
          ] as const,
      ),
    shortcuts: () =>
      pairs<KRef, ReturnType<typeof shortcutCodec.toRow>>(
        'SELECT * FROM shortcuts',
        'kref',
        shortcutCodec,
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
    expiredLeases: (until, count) =>
      column<KRef>(
        'SELECT kref FROM leases WHERE expires <= ? ORDER BY expires LIMIT ?',
        until,
        count,
      ),
    expiredRequests: (until, count) =>
      column<string>(
        'SELECT id FROM requests WHERE promise IS NULL AND expires <= ? ORDER BY expires LIMIT ?',
        until,
        count,
      ),
    requests: () =>
      pairs<string, ReturnType<typeof requestCodec.toRow>>(
        'SELECT * FROM requests',
        'id',
        requestCodec,
      ),
    bundleHashes: () => column<string>('SELECT hash FROM bundles'),
    vatstore: (vatId, after, count) =>
      rows(vatstorePage, vatId, after, count).map(
        (c) => [c['key'] as string, c['value'] as string] as const,
      ),
  };
};

const clistEntry = (c: Columns): ClistEntry => ({
  endpoint: c['endpoint'] as EndpointId,
  kref: c['kref'] as KRef,
  ...clistCodec.toRow(c),
});

const capEntry = (c: Columns) => ({
  kref: c['kref'] as KRef,
  grantee: c['grantee'] as Grantee,
  row: capCodec.toRow(c),
});
