/** `executeDBQuery` is a look into the store, and nothing but a look. */
import { describe, expect, it } from 'vitest';
import { withClient } from '../support/daemon-client.ts';
import { withHome } from '../support/home.ts';

describe('executeDBQuery', () => {
  it.each([
    'DROP TABLE vats',
    "UPDATE names SET kref = 'ko1'",
    'PRAGMA journal_mode = DELETE',
    "ATTACH ':memory:' AS other",
    'SELECT 1; DELETE FROM vats',
    'VACUUM',
    'BEGIN',
    'PRAGMA locking_mode = EXCLUSIVE',
    'PRAGMA busy_timeout = 1000000',
  ])('refuses %s, and the state stays (P-42)', async (sql) => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      await withClient(home, async (client) => {
        const count = { sql: 'SELECT count(*) AS n FROM vats' };
        expect(await client.rpc('executeDBQuery', count)).toStrictEqual([
          { n: 1 },
        ]);
        await expect(
          client.rpc('executeDBQuery', { sql }),
        ).rejects.toMatchObject({ data: { code: 'SQL_REFUSED' } });
        expect(await client.rpc('executeDBQuery', count)).toStrictEqual([
          { n: 1 },
        ]);
        expect(await client.call('counter', 'increment')).toBe(1);
      });
    });
  });

  it('ends a query that never ends, and meanwhile serves everybody', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      await withClient(home, async (client) => {
        const endless = client
          .rpc('executeDBQuery', {
            sql: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n',
          })
          .catch((thrown: unknown) => thrown);
        let isOver = false;
        void endless.then(() => {
          isOver = true;
        });
        expect(await client.call('counter', 'increment')).toBe(1);
        expect(isOver).toBe(false);
        expect(await endless).toMatchObject({
          data: { code: 'SQL_REFUSED' },
          message: expect.stringContaining('longer than 5 s'),
        });
      });
    });
  });
});
