/** The tables of the store, row by row: read, write, remove. Each row has a checksum. */
import type { StoreBackend, TableBackend } from '@ocap/kernel';
import type { KRef } from '@ocap/kernel-utils';
import { accessCodec } from './access-codec.ts';
import { watched } from './disk-failure.ts';
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
  inboxCodec,
  objectCodec,
  promiseCodec,
  promiseQueueCodec,
  requestCodec,
  subclusterCodec,
  urlCodec,
  vatCodec,
  wakeupCodec,
  type Codec,
  type Column,
  type Columns,
} from './row-codecs.ts';
import { isSound, SUM, summedColumns, sumOf } from './row-sums.ts';

/** Told of a table in which a row is not as it was written; does not return. */
export type OnDamage = (table: string) => never;

/** A table whose key is spread over the first columns of its primary key. */
const makeTable = <Key extends string | number, Row>(
  db: Sqlite,
  { ensureTransaction, onDamage }: Hooks,
  name: string,
  keyColumns: readonly string[],
  columns: readonly string[],
  codec: Codec<Row>,
): TableBackend<Key, Row> => {
  const where = keyColumns.map((column) => `${column} = ?`).join(' AND ');
  const all = [...keyColumns, ...columns];
  const names = summedColumns(all);
  const summed = names.map((column) => all.indexOf(column));
  const select = db.prepare<Column[], Columns>(
    `SELECT * FROM ${name} WHERE ${where}`,
  );
  const upsert = db.prepare<Column[]>(
    `INSERT OR REPLACE INTO ${name} (${[...all, SUM].join(', ')}) VALUES (${[...all, SUM].map(() => '?').join(', ')})`,
  );
  const remove = db.prepare<Column[]>(`DELETE FROM ${name} WHERE ${where}`);

  const keyParts = (key: Key): readonly Column[] =>
    keyColumns.length === 1 ? [key] : splitKey(String(key), keyColumns.length);
  return {
    read: (key) => {
      const found = select.get(...keyParts(key));
      if (found === undefined) return undefined;
      return isSound(found, names) ? codec.toRow(found) : onDamage(name);
    },
    write: (key, row) => {
      ensureTransaction();
      const values = [...keyParts(key), ...codec.toColumns(row)];
      upsert.run(...values, sumOf(summed.map((at) => values[at])));
    },
    remove: (key) => {
      ensureTransaction();
      remove.run(...keyParts(key));
    },
  };
};

/** The last part keeps its spaces: keys of the vatstore are the vat's own. */
const splitKey = (key: string, parts: number): readonly string[] => {
  const found: string[] = [];
  let from = 0;
  for (let i = 1; i < parts; i += 1) {
    const space = key.indexOf(' ', from);
    found.push(key.slice(from, space));
    from = space + 1;
  }
  return [...found, key.slice(from)];
};

const single = <Row extends Column>(column: string): Codec<Row> => ({
  toRow: (columns) => columns[column] as Row,
  toColumns: (row) => [row],
});
const presence: Codec<true> = { toRow: () => true, toColumns: () => [] };

type Hooks = Readonly<{
  /** Before anything is written. */
  ensureTransaction(): void;
  onDamage: OnDamage;
  /** Told that a statement has failed. */
  onFailure: (error: unknown) => void;
}>;

export const makeTables = (
  db: Sqlite,
  hooks: Hooks,
): StoreBackend['tables'] => {
  const table = <Key extends string | number, Row>(
    name: string,
    keyColumns: string,
    columns: string,
    codec: Codec<Row>,
  ): TableBackend<Key, Row> =>
    watched(
      makeTable<Key, Row>(
        db,
        hooks,
        name,
        keyColumns.split(' '),
        columns === '' ? [] : columns.split(' '),
        codec,
      ),
      hooks.onFailure,
    );
  return {
    vats: table(
      'vats',
      'id',
      'name subcluster_id config bundle_hash parameters_body parameters_slots incarnation next_import halted ending',
      vatCodec,
    ),
    subclusters: table(
      'subclusters',
      'id',
      'config bootstrap system',
      subclusterCodec,
    ),
    objects: table(
      'objects',
      'kref',
      'owner reachable recognizable gone',
      objectCodec,
    ),
    promises: table(
      'promises',
      'kref',
      'state decider subscribers refs body slots awaited request_id settled_by',
      promiseCodec,
    ),
    clist: table('clist', 'endpoint kref', 'vref reachable sent', clistCodec),
    inbox: table(
      'inbox',
      'seq',
      'vat_id kind target body slots result attempts sender',
      inboxCodec,
    ),
    promiseQueue: table(
      'promise_queue',
      'seq',
      'promise body slots result sender',
      promiseQueueCodec,
    ),
    gcActions: table('gc_actions', 'vat_id action kref', '', presence),
    vatstore: table('vatstore', 'vat_id key', 'value', single<string>('value')),
    bundles: table('bundles', 'hash', 'text', single<string>('text')),
    names: table('names', 'name', 'kref', single<KRef>('kref')),
    leases: table('leases', 'kref', 'expires', {
      toRow: (columns) => ({ expires: Number(columns['expires']) }),
      toColumns: (row) => [row.expires],
    }),
    requests: table(
      'requests',
      'id',
      'fingerprint promise outcome body slots expires',
      requestCodec,
    ),
    grants: table(
      'grants',
      'kref',
      'service grantee methods parent params',
      grantCodec,
    ),
    caps: table('caps', 'kref grantee', 'grants revoked', capCodec),
    wakeups: table('wakeups', 'id', 'due every grant_ handler', wakeupCodec),
    events: table('events', 'seq', 'at topic type about', eventCodec),
    urls: table(
      'urls',
      'id',
      'token_hash kref issuer expires uses ended peer',
      urlCodec,
    ),
    accesses: table(
      'accesses',
      'id',
      'token_hash facet name issued expires ended',
      accessCodec,
    ),
    remotes: table(
      'remotes',
      'id',
      'peer_id hints session their_session next_import sent received cut seen_at standing ending',
      remoteCodec,
    ),
    remoteOutbox: table(
      'remote_outbox',
      'remote seq',
      'text',
      single<string>('text'),
    ),
    staleNames: table(
      'stale_names',
      'remote vref',
      'kref',
      single<KRef>('kref'),
    ),
    introductions: table(
      'introductions',
      'kref remote',
      'owner hash token ended',
      introductionCodec,
    ),
    shortcuts: table('shortcuts', 'kref', 'through direct', shortcutCodec),
    meta: table('meta', 'key', 'value', single<string>('value')),
  };
};
