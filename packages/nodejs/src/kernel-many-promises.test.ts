/** A vat that loses its heap while others wait for very many answers of it: they are told in slices. */
import './daemon/lockdown.ts';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const PROMISES = 2400;

const bundleSpec = vatSource(`
  let broken = 0;
  return makeDefaultExo('Vat', {
    bootstrap: ({ debtor }) => { baggage.init('debtor', debtor); },
    lend: (times) => {
      for (let i = 0; i < times; i += 1) {
        E(baggage.get('debtor')).owe().catch(({ message }) => { broken += /lost|restarted/u.test(message) ? 1 : 0; });
      }
    },
    broken: () => broken,
    owe: () => new Promise(() => {}),
    ping: () => 'pong',
  });`);

const launch = async (t: TestKernel) => {
  const { rootKref, vats } = await t.kernel.launchSubcluster({
    bootstrap: 'lender',
    vats: {
      lender: { placement: 'own', bundleSpec },
      debtor: { placement: 'own', bundleSpec },
    },
  });
  const id = String(vats['debtor']);
  const count = (sql: string): number =>
    Number(t.kernel.executeDBQuery(sql)[0]?.['n']);
  const owed = (): number =>
    count(`SELECT count(*) AS n FROM promises WHERE decider = '${id}'`);
  for (let i = 0; i < PROMISES; i += 400) {
    await t.call(rootKref, 'lend', [400]);
  }
  while (owed() < PROMISES) await turn();
  const [row] = t.kernel.executeDBQuery(
    `SELECT kref FROM clist WHERE endpoint = '${id}' AND vref = 'o+0'`,
  );
  return { id, lender: rootKref, debtor: String(row?.['kref']), owed };
};

const loseHeap = async (
  t: TestKernel,
  { id, owed }: Awaited<ReturnType<typeof launch>>,
): Promise<void> => {
  void t.kernel.restartVat(id).catch(() => undefined);
  let left = owed();
  while (left === PROMISES) {
    await turn();
    left = owed();
  }
  // Neither all of them nor none: it is amid that.
  expect(left).toBeGreaterThan(0);
};

it('is called again only after all are told', async () => {
  const t = await openTestKernel();
  const scene = await launch(t);
  await loseHeap(t, scene);
  expect(await t.call(scene.debtor, 'ping', [])).toBe('pong');
  expect(scene.owed()).toBe(0);
  await expect
    .poll(async () => t.call(scene.lender, 'broken', []))
    .toBe(PROMISES);
  expect(t.kernel.audit().problems).toStrictEqual([]);
});

it('goes on with the next daemon', async () => {
  const t = await openTestKernel();
  const scene = await launch(t);
  await loseHeap(t, scene);
  await t.reopen();
  expect(await t.call(scene.debtor, 'ping', [])).toBe('pong');
  expect(scene.owed()).toBe(0);
  expect(t.kernel.audit().problems).toStrictEqual([]);
});

it('is terminated amid that', async () => {
  const t = await openTestKernel();
  const scene = await launch(t);
  await loseHeap(t, scene);
  await t.kernel.terminateVat(scene.id);
  expect(scene.owed()).toBe(0);
  await expect(t.call(scene.debtor, 'ping', [])).rejects.toThrow();
  expect(t.kernel.audit().problems).toStrictEqual([]);
});
