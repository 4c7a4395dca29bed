/**
 * Collects until there is nothing left to collect: what one vat drops, another
 * may drop in turn, so it takes rounds. Also: reads of the tables that say who
 * holds what.
 */
import type { TestKernel } from './test-kernel.ts';

const tables = [
  'objects',
  'promises',
  'clist',
  'inbox',
  'promise_queue',
  'gc_actions',
  'vatstore',
  'leases',
  'requests',
] as const;

/** Number of rows of each table that grows and shrinks with use. */
export const rowCounts = (t: TestKernel): Record<string, number> =>
  Object.fromEntries(
    tables.map((table) => [
      table,
      Number(
        t.kernel.executeDBQuery(`SELECT count(*) AS n FROM ${table}`)[0]?.['n'],
      ),
    ]),
  );

const fingerprint = (t: TestKernel): string =>
  JSON.stringify([
    rowCounts(t),
    ['objects', 'clist', 'gc_actions', 'inbox'].map((table) =>
      t.kernel.executeDBQuery(`SELECT * FROM ${table}`),
    ),
  ]);

/** Asks every vat that is awake, once, and wakes the others; returns when all are done. */
export const collectOnce = async (t: TestKernel): Promise<void> => {
  await t.kernel.collectGarbage();
  const { vats } = t.kernel.getStatus();
  await Promise.all(vats.map(async ({ id }) => t.kernel.pingVat(id)));
};

/** Wakes every vat; returns when two rounds in a row have changed nothing. */
export const settleGarbage = async (t: TestKernel): Promise<void> => {
  let before = '';
  for (let quiet = 0; quiet < 2;) {
    await collectOnce(t);
    const now = fingerprint(t);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
};

/** Returns when no vat has anything to do any more. */
export const settleMessages = async (t: TestKernel): Promise<void> => {
  for (let quiet = 0; quiet < 2;) {
    const { vats } = t.kernel.getStatus();
    const awake = vats.filter(({ state }) => state !== 'asleep');
    await Promise.all(awake.map(async ({ id }) => t.kernel.pingVat(id)));
    const isQuiet = t.kernel
      .getStatus()
      .vats.every(({ inbox, state }) => inbox === 0 && state !== 'busy');
    quiet = isQuiet ? quiet + 1 : 0;
  }
};
