/** The store of a daemon that has nothing to do: whatever only passes through it is gone. */
import { expect, vi } from 'vitest';
import type { DaemonClient } from './daemon-client.ts';

const PASSING = ['inbox', 'promise_queue', 'promises', 'gc_actions'];

const sql = PASSING.map(
  (table) => `(SELECT count(*) FROM ${table}) AS ${table}`,
).join(', ');

/** Fails if messages, promises or the collector's notes stay behind, or the audit finds fault. */
export const insistIdleStore = async (client: DaemonClient): Promise<void> => {
  // The last answer may be out before the vats have heard what became of theirs.
  await vi.waitFor(
    async () => {
      const rows = await client.rpc('executeDBQuery', { sql: `SELECT ${sql}` });
      expect(rows).toStrictEqual([
        Object.fromEntries(PASSING.map((table) => [table, 0])),
      ]);
    },
    { timeout: 30_000, interval: 100 },
  );
  const report = await client.rpc('audit');
  expect(report).toStrictEqual({ ok: true, problems: [] });
};
