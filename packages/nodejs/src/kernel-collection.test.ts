import './daemon/lockdown.ts';
import { expect, it } from 'vitest';
import { collectOnce } from './testing/settle-garbage.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const HOLDERS = 20;

const holder = `
  let held;
  return makeDefaultExo('Holder', { hold: (thing) => { held = thing; }, letGo: () => { held = undefined; } });`;

const giver = `
  let holders;
  return makeDefaultExo('Giver', {
    bootstrap: ({ giver: _, ...others }) => { holders = Object.values(others); },
    give: async () => { await Promise.all(holders.map((other) => E(other).hold(makeDefaultExo('Thing', {})))); },
    takeAway: async () => { await Promise.all(holders.map((other) => E(other).letGo())); },
  });`;

/** One vat that gives, and many in the same host that hold what it gave. */
const launch = async (t: TestKernel) => {
  const bundleSpec = vatSource(holder);
  const holders = Array.from({ length: HOLDERS }, (_, i) => [
    `holder${i}`,
    { bundleSpec },
  ]);
  const { rootKref, vats } = await t.kernel.launchSubcluster({
    bootstrap: 'giver',
    vats: {
      giver: { bundleSpec: vatSource(giver) },
      ...Object.fromEntries(holders),
    },
  });
  const holding = (): number =>
    Number(
      t.kernel.executeDBQuery(
        `SELECT count(*) AS n FROM clist WHERE endpoint <> '${vats['giver']}' AND vref LIKE 'o-%'`,
      )[0]?.['n'],
    );
  return { root: rootKref, holding };
};

it('finds at once what each of many vats in one host has let go of, again and again', async () => {
  const t = await openTestKernel();
  const { root, holding } = await launch(t);
  for (let round = 0; round < 3; round += 1) {
    await t.call(root, 'give');
    await collectOnce(t);
    expect(holding()).toBe(HOLDERS);
    await t.call(root, 'takeAway');
    await collectOnce(t);
    expect(holding()).toBe(0);
  }
});
