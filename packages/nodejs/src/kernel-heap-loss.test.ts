/** A heap that held much is given up in slices: others have their turns in between, and a daemon may end there. */
import './daemon/lockdown.ts';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { exporterSource, importerSource, styles } from './testing/gc-vats.ts';
import { settleGarbage } from './testing/settle-garbage.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const THINGS = 1200;

const launch = async (t: TestKernel) => {
  const launched = await t.kernel.launchSubcluster({
    bootstrap: 'exporter',
    vats: {
      exporter: {
        placement: 'own',
        bundleSpec: vatSource(exporterSource('durable')),
      },
      importer: { placement: 'own', bundleSpec: vatSource(importerSource) },
    },
  });
  const id = String(launched.vats['importer']);
  const [row] = t.kernel.executeDBQuery(
    `SELECT kref FROM clist WHERE endpoint = '${id}' AND vref = 'o+0'`,
  );
  const importer = String(row?.['kref']);
  const exporter = launched.rootKref;
  for (let at = 0; at < THINGS; at += 200) {
    const labels = Array.from({ length: 200 }, (_, i) => `x${at + i}`);
    await t.call(exporter, 'make', labels);
    const styled = labels.map((label, i) => [
      label,
      styles[(at + i) % styles.length],
    ]);
    await t.call(exporter, 'give', { '@ref': importer }, styled);
  }
  return { id, importer, exporter };
};

it.each([
  ['goes on', async () => undefined],
  ['ends amid that, and the next goes on', async (t: TestKernel) => t.reopen()],
] as const)('while the daemon %s', { timeout: 60_000 }, async (_, amid) => {
  const t = await openTestKernel();
  const { id, importer, exporter } = await launch(t);
  const imports = (): number =>
    Number(
      t.kernel.executeDBQuery(
        `SELECT count(*) AS n FROM clist WHERE endpoint = '${id}' AND reachable = 1`,
      )[0]?.['n'],
    );
  const before = imports();
  expect(before).toBeGreaterThan(THINGS);

  void t.kernel.restartVat(id).catch(() => undefined);
  const seen = new Set<number>();
  for (let turns = 0; turns < 20_000 && seen.size < 3; turns += 1) {
    await turn();
    seen.add(imports());
  }
  // Neither all of them nor what is left in the end: it is amid it.
  expect(seen.size).toBe(3);
  await amid(t);
  await t.call(importer, 'drop', []);

  // What durable collections hold it has still, and nothing else.
  expect(imports()).toBeLessThan(THINGS / 2);
  expect(imports()).toBeGreaterThanOrEqual(THINGS / 3);
  await settleGarbage(t);
  expect(t.kernel.audit().problems).toStrictEqual([]);
  expect(await t.call(exporter, 'things', ['x5'])).toHaveLength(1);
});
