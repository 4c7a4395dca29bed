/** A daemon under steady load must not grow: rows of all tables after few and after many calls. */
import { counters } from '../tools/counters.ts';
import { withDaemon, type Daemon } from '../tools/daemon.ts';
import { rate } from '../tools/rate.ts';
import type { Row } from '../tools/row.ts';

const FEW = 100;
const MANY = 10_000;

type Rows = readonly Readonly<Record<string, unknown>>[];

const query = async (daemon: Daemon, sql: string): Promise<Rows> =>
  (await daemon.call('executeDBQuery', { sql })) as Rows;

const countRows = async (daemon: Daemon, vatId: string): Promise<number> => {
  await daemon.call('collectGarbage');
  await daemon.call('pingVat', { id: vatId });
  const tables = await query(
    daemon,
    `SELECT name FROM sqlite_master WHERE type = 'table'`,
  );
  const counts = tables.map(
    ({ name }) => `(SELECT count(*) FROM "${String(name)}")`,
  );
  const [row] = await query(daemon, `SELECT ${counts.join(' + ')} AS rows`);
  return Number(row?.['rows']);
};

export const databaseRows: Row = {
  id: 'database-rows',
  title: `rows in the database after ${MANY.toLocaleString('en')} calls`,
  floor: `after ${FEW} calls`,
  unit: 'rows',
  goal: { kind: 'target', of: 'ratio', exactly: 1 },
  measure: async ({ workspace }) =>
    withDaemon(workspace, async (daemon) => {
      const launched = await daemon.launch(await counters(workspace, 1));
      const { rootKref, vats } = launched;
      const increment = async (): Promise<unknown> =>
        daemon.call('queueMessage', [rootKref, 'increment', []]);
      const rowsAfter = async (calls: number): Promise<number> => {
        await rate(calls, 100, increment);
        return countRows(daemon, vats['counter0'] ?? '');
      };
      const few = await rowsAfter(FEW);
      const many = await rowsAfter(MANY - FEW);
      return { ours: [many], floor: [few] };
    }),
};
