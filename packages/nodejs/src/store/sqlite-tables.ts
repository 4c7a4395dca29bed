/** The tables of the store, row by row: read, write, remove. */
import type { StoreBackend, TableBackend } from '@ocap/kernel';
import type { KRef } from '@ocap/kernel-utils';
import type { Sqlite } from './open-database.ts';
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

/** A table whose key is spread over the first columns of its primary key. */
const makeTable = <Key extends string | number, Row>(
  db: Sqlite,
  ensureTransaction: () => void,
  name: string,
  keyColumns: readonly string[],
  columns: readonly string[],
  codec: Codec<Row>,
): TableBackend<Key, Row> => {
  const where = keyColumns.map((column) => `${column} = ?`).join(' AND ');
  const all = [...keyColumns, ...columns];
  const select = db.prepare<Column[], Columns>(
    `SELECT * FROM ${name} WHERE ${where}`,
  );
  const upsert = db.prepare<Column[]>(
    `INSERT OR REPLACE INTO ${name} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})`,
  );
  const remove = db.prepare<Column[]>(`DELETE FROM ${name} WHERE ${where}`);

  const keyParts = (key: Key): readonly Column[] =>
    keyColumns.length === 1 ? [key] : splitKey(String(key), keyColumns.length);
  return {
    read: (key) => {
      const found = select.get(...keyParts(key));
      return found === undefined ? undefined : codec.toRow(found);
    },
    write: (key, row) => {
      ensureTransaction();
      upsert.run(...keyParts(key), ...codec.toColumns(row));
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

export const makeTables = (
  db: Sqlite,
  ensureTransaction: () => void,
): StoreBackend['tables'] => {
  const table = <Key extends string | number, Row>(
    name: string,
    keyColumns: string,
    columns: string,
    codec: Codec<Row>,
  ): TableBackend<Key, Row> =>
    makeTable(
      db,
      ensureTransaction,
      name,
      keyColumns.split(' '),
      columns === '' ? [] : columns.split(' '),
      codec,
    );
  return {
    vats: table(
      'vats',
      'id',
      'name subcluster_id config bundle_hash parameters_body parameters_slots incarnation next_import halted',
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
    clist: table('clist', 'endpoint kref', 'vref reachable', clistCodec),
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
      'token_hash kref issuer expires uses ended',
      urlCodec,
    ),
    meta: table('meta', 'key', 'value', single<string>('value')),
  };
};
