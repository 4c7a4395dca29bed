import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';

/** Far more than is forgotten at a time. */
const MANY = 2000;

const giver = `
  const kits = [];
  return makeDefaultExo('Giver', {
    give: (to, n) => {
      const promises = Array.from({ length: n }, () => makePromiseKit().promise);
      return E(to).take(harden(promises), harden(Array.from({ length: n }, () => makeDefaultExo('Thing', { hi: () => 'hi' }))));
    },
    hi: () => 'hi',
  });`;
const taker = `
  let told = 0;
  let things = [];
  const reasons = new Set();
  return makeDefaultExo('Taker', {
    take: (promises, objects) => {
      things = objects;
      for (const p of promises) p.catch((error) => { told += 1; reasons.add(error.message); });
      return 'taken';
    },
    told: () => harden({ told, reasons: [...reasons] }),
    callFirst: () => E(things[0]).hi(),
    hi: () => 'hi',
  });`;

/** A vat of which very much is to be forgotten, and another that has it from there. */
const openLarge = async () => {
  const t = await openTestKernel();
  const root = await t.launch(giver);
  const other = await t.launch(taker);
  expect(await t.call(root, 'give', { '@ref': other }, MANY)).toBe('taken');
  return { t, root, other };
};

const rowsOf = (t: TestKernel, vat: string): number =>
  Number(
    t.kernel.executeDBQuery(
      `SELECT (SELECT count(*) FROM clist WHERE endpoint = '${vat}') +
              (SELECT count(*) FROM inbox WHERE vat_id = '${vat}') AS n`,
    )[0]?.['n'],
  );

const until = async (test: () => unknown): Promise<void> => {
  while (!(await test())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
};

describe('the end of a vat of which there is very much', () => {
  it('is told at once, and nobody waits for what is forgotten', async () => {
    const { t, root, other } = await openLarge();
    expect(rowsOf(t, 'v1')).toBeGreaterThan(2 * MANY);
    const ended = t.kernel.terminateVat('v1');
    expect(t.kernel.getStatus().vats[0]).toMatchObject({
      id: 'v1',
      state: 'halted',
      halted: 'it is being ended: an operator ended it',
    });
    await expect(t.call(root, 'hi')).rejects.toThrow(
      /v1 \(main\) was terminated: an operator ended it/u,
    );
    expect(await t.call(other, 'hi')).toBe('hi');
    // All of that was answered before the end.
    expect(rowsOf(t, 'v1')).toBeGreaterThan(0);
    await expect(t.kernel.restartVat('v1')).rejects.toThrow(/VAT_UNKNOWN|v1/u);

    await ended;
    expect(rowsOf(t, 'v1')).toBe(0);
    expect(t.kernel.getStatus().vats.map(({ id }) => id)).toStrictEqual(['v2']);
    expect(t.kernel.getStatus().subclusters).toHaveLength(1);
    await until(
      async () =>
        ((await t.call(other, 'told')) as { told: number }).told === MANY,
    );
    expect(await t.call(other, 'told')).toStrictEqual({
      told: MANY,
      reasons: [expect.stringMatching(/an operator ended it/u)],
    });
    await expect(t.call(other, 'callFirst')).rejects.toThrow(/OBJECT_GONE/u);
  });

  it('goes on with the next daemon', async () => {
    const { t, other } = await openLarge();
    void t.kernel.terminateVat('v1').catch(() => undefined);
    await t.reopen();
    await until(() => t.kernel.getStatus().vats.length === 1);
    expect(rowsOf(t, 'v1')).toBe(0);
    expect(await t.call(other, 'hi')).toBe('hi');
  });

  it('comes for whoever was given it, too, and for both at the same time', async () => {
    const { t } = await openLarge();
    await t.kernel.clearState();
    for (const table of ['vats', 'clist', 'objects', 'promises', 'inbox']) {
      expect(
        t.kernel.executeDBQuery(`SELECT count(*) AS n FROM ${table}`),
        table,
      ).toStrictEqual([{ n: 0 }]);
    }
  });
});
