/** How many rows there are, and how much is in them: asked at the start, and counted on in memory. */
import type { StoreBackend } from '@ocap/kernel';
import type { RemoteId, VatId } from '@ocap/kernel-utils';
import type { Sqlite } from './open-database.ts';
import { sender, type Columns } from './row-codecs.ts';

type Sums = Pick<
  StoreBackend['scan'],
  | 'waiting'
  | 'parked'
  | 'remoteSizes'
  | 'remoteAnswers'
  | 'recorded'
  | 'vatstoreSize'
>;

export const makeSums = (db: Sqlite): Sums => {
  const rows = (sql: string): Columns[] => db.prepare<[], Columns>(sql).all();
  const load = (c: Columns) => ({
    messages: Number(c['messages']),
    chars: Number(c['chars']),
  });
  const answers = (c: Columns) => ({
    count: Number(c['n']),
    chars: Number(c['chars']),
  });
  const vatstoreSize = db
    .prepare<[VatId], number>(
      'SELECT coalesce(sum(length(key) + length(value)), 0) FROM vatstore WHERE vat_id = ?',
    )
    .pluck();

  return {
    waiting: () =>
      rows(
        `SELECT sender, COUNT(*) AS messages, SUM(LENGTH(body)) AS chars
         FROM (SELECT IFNULL(sender, 'client') AS sender, body FROM inbox WHERE kind = 'message'
               UNION ALL SELECT IFNULL(subcluster_id, vat_id), '' FROM inbox LEFT JOIN vats ON vats.id = vat_id
                         WHERE kind = 'notify' AND vat_id NOT GLOB 'r*'
               UNION ALL SELECT IFNULL(sender, 'client'), body FROM promise_queue)
         GROUP BY sender`,
      ).map((c) => [sender(c), load(c)]),
    parked: () =>
      rows(
        `SELECT sender, COUNT(*) AS messages, SUM(LENGTH(body)) AS chars
         FROM (SELECT sender, body FROM inbox WHERE kind = 'message' AND vat_id GLOB 'r*'
               UNION ALL SELECT sender, body FROM promise_queue)
         WHERE sender GLOB 'r*' GROUP BY sender`,
      ).map((c) => [c['sender'] as RemoteId, load(c)]),
    remoteSizes: (table) =>
      rows(
        table === 'clist'
          ? `SELECT endpoint AS id, COUNT(*) AS n FROM clist WHERE endpoint GLOB 'r*' GROUP BY endpoint`
          : 'SELECT remote AS id, COUNT(*) AS n FROM stale_names GROUP BY remote',
      ).map((c) => [c['id'] as RemoteId, Number(c['n'])]),
    remoteAnswers: () =>
      rows(
        `SELECT remote AS id, COUNT(*) AS n, TOTAL(LENGTH(body) + LENGTH(slots)) AS chars
         FROM (SELECT remote, kref FROM stale_names
               UNION ALL SELECT vat_id, target FROM inbox WHERE kind = 'notify' AND vat_id GLOB 'r*')
         JOIN promises USING (kref) GROUP BY remote`,
      ).map((c) => [c['id'] as RemoteId, answers(c)]),
    recorded: () =>
      rows(
        `SELECT SUBSTR(id, 1, INSTR(id, ' ') - 1) AS access, COUNT(*) AS n, TOTAL(LENGTH(body) + LENGTH(slots)) AS chars
         FROM requests WHERE id >= 'a1' AND id < 'a:' AND id GLOB 'a[1-9]* *' GROUP BY access`,
      ).map((c) => [String(c['access']), answers(c)]),
    vatstoreSize: (vatId) => vatstoreSize.get(vatId) ?? 0,
  };
};
