import './daemon/lockdown.ts';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';
import { bundleOf, inlineBundle, vatSource } from './testing/vat-source.ts';

const counter = vatSource(`
  if (!baggage.has('boots')) baggage.init('boots', 0);
  return makeDefaultExo('Root', {
    bootstrap(vats) {
      baggage.set('boots', baggage.get('boots') + 1);
      return Object.keys(vats).sort();
    },
    boots: () => baggage.get('boots'),
    parameters: () => parameters,
  });`);

describe('launchSubcluster', () => {
  it('starts every vat and tells the bootstrap vat of the others (V-01)', async () => {
    const { kernel } = await openTestKernel();
    const launched = await kernel.launchSubcluster({
      bootstrap: 'b',
      vats: { a: { bundleSpec: counter }, b: { bundleSpec: counter } },
    });
    expect(launched).toMatchObject({
      subclusterId: 's1',
      vats: { a: 'v1', b: 'v2' },
      bootstrapResult: { body: '#["a","b"]' },
    });
    expect(
      kernel.getStatus().vats.map(({ id, state }) => [id, state]),
    ).toStrictEqual([
      ['v1', 'awake'],
      ['v2', 'awake'],
    ]);
  });

  it('hands parameters to buildRootObject', async () => {
    const t = await openTestKernel();
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: {
        a: { bundleSpec: counter, parameters: { deep: [1, 'x', null] } },
      },
    });
    expect(await t.call(rootKref, 'parameters')).toStrictEqual({
      deep: [1, 'x', null],
    });
  });

  it('runs bootstrap once in a vat’s life (V-03)', async () => {
    const t = await openTestKernel();
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: { a: { bundleSpec: counter } },
    });
    await t.kernel.restartVat('v1');
    await t.reopen();
    expect(await t.call(rootKref, 'boots')).toBe(1);
  });

  it('starts a vat from the store when the file of its bundle is gone (V-02)', async () => {
    const t = await openTestKernel();
    const folder = mkdtempSync(join(tmpdir(), 'ocap-bundle-'));
    const path = join(folder, 'a.bundle');
    const text = Buffer.from(counter.split(',')[1] ?? '', 'base64');
    writeFileSync(path, text);
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: { a: { bundleSpec: `file://${path}` } },
    });
    rmSync(folder, { recursive: true });
    await t.reopen();
    expect(await t.call(rootKref, 'boots')).toBe(1);
    expect(t.kernel.executeDBQuery('SELECT hash FROM bundles')).toStrictEqual([
      { hash: createHash('sha256').update(text).digest('hex') },
    ]);
  });

  it('takes a bundle from the config’s own list by name (V-02)', async () => {
    const t = await openTestKernel();
    const launched = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      bundles: { shared: { bundleSpec: counter } },
      vats: { a: { bundleName: 'shared' }, b: { bundleName: 'shared' } },
    });
    expect(launched.bootstrapResult?.body).toBe('#["a","b"]');
    expect(
      t.kernel.executeDBQuery('SELECT count(*) AS n FROM bundles'),
    ).toStrictEqual([{ n: 1 }]);
  });
});

const good = vatSource(`return makeDefaultExo('Root', {});`);
const broken: [string, string, RegExp][] = [
  ['is not JSON', inlineBundle('nonsense'), /not JSON/u],
  [
    'does not parse',
    bundleOf('var __vatExports__ = {{'),
    /throws at load: SyntaxError/u,
  ],
  [
    'throws while loading',
    bundleOf('throw TypeError("no luck")'),
    /throws at load: TypeError: no luck/u,
  ],
  [
    'has no buildRootObject',
    bundleOf('var __vatExports__ = {}'),
    /does not export a function buildRootObject/u,
  ],
  [
    'throws in buildRootObject',
    vatSource('throw Error("not today")'),
    /not today/u,
  ],
  [
    'has a root that is not a remotable',
    vatSource('return harden({})'),
    /not Far/u,
  ],
  [
    'never finishes buildRootObject',
    vatSource('return new Promise(() => {})'),
    /buildRootObject unresolved/u,
  ],
  [
    'cannot be found',
    'file:///nowhere/at-all.bundle',
    /cannot be read from file:\/\/\/nowhere\/at-all.bundle/u,
  ],
  [
    'has an unknown format',
    inlineBundle('{"moduleFormat":"odd"}'),
    /unknown moduleFormat "odd"/u,
  ],
  [
    'needs a module that the host lacks',
    inlineBundle(
      '{"moduleFormat":"iife","code":"","external":{"left-pad":"1"}}',
    ),
    /left-pad/u,
  ],
];

describe('a launch that fails', () => {
  it.each(broken)(
    'names the vat whose bundle %s, and leaves nothing',
    async (_, bundleSpec, problem) => {
      const t = await openTestKernel();
      const launching = t.kernel.launchSubcluster({
        bootstrap: 'good',
        vats: {
          good: { bundleSpec: good },
          bad: { bundleSpec },
          other: { bundleSpec: good },
        },
      });
      await expect(launching).rejects.toThrow(problem);
      await expect(launching).rejects.toThrow(/vat "bad"/iu);
      expect(t.kernel.getStatus()).toMatchObject({ vats: [], subclusters: [] });
      for (const table of [
        'vats',
        'subclusters',
        'objects',
        'promises',
        'clist',
        'vatstore',
        'inbox',
        'bundles',
      ]) {
        expect(t.kernel.executeDBQuery(`SELECT * FROM ${table}`)).toStrictEqual(
          [],
        );
      }
      // and the kernel goes on
      expect(
        await t.call(
          await t.launch(`return makeDefaultExo('R', { hi: () => 'hi' })`),
          'hi',
        ),
      ).toBe('hi');
    },
  );

  it('is undone when bootstrap rejects', async () => {
    const t = await openTestKernel();
    const bundleSpec = vatSource(
      `return makeDefaultExo('R', { bootstrap() { throw Error('not like this'); } })`,
    );
    await expect(
      t.kernel.launchSubcluster({
        bootstrap: 'a',
        vats: { a: { bundleSpec }, b: { bundleSpec: good } },
      }),
    ).rejects.toThrow(/bootstrap method of vat "a" failed: not like this/u);
    expect(t.kernel.getStatus()).toMatchObject({ vats: [], subclusters: [] });
  });
});

describe('the problem of a launch', () => {
  it('says where in the vat’s code it happened, and no path of the host', async () => {
    const { kernel } = await openTestKernel();
    const code = `\n\nnull.tokens;\n//# sourceURL=parser.js\n`;
    const launching = kernel.launchSubcluster({
      bootstrap: 'a',
      vats: { a: { bundleSpec: bundleOf(code) } },
    });
    await expect(launching).rejects.toThrow(
      /throws at load: TypeError: Cannot read properties of null .*\(parser\.js:3:6\)\. Nothing was launched\.$/u,
    );
  });

  it('names the limit when a vat does not finish starting', async () => {
    const { kernel } = await openTestKernel({ limits: { deliveryMs: 1500 } });
    const launching = kernel.launchSubcluster({
      bootstrap: 'a',
      vats: { a: { bundleSpec: vatSource('for (;;);') } },
    });
    await expect(launching).rejects.toThrow(
      /ran longer than 1.5 s.*Nothing was launched\.$/u,
    );
  });
});

describe('system subclusters (P-31)', () => {
  const config = { bootstrap: 'a', vats: { a: { bundleSpec: counter } } };

  it('are there at the start, once, and go when no longer declared', async () => {
    const t = await openTestKernel({ systemSubclusters: { names: config } });
    const systems = () =>
      t.kernel.getStatus().subclusters.map(({ id, system }) => [id, system]);
    expect(systems()).toStrictEqual([['s1', 'names']]);
    await t.reopen();
    expect(systems()).toStrictEqual([['s1', 'names']]);
    await t.reopen({});
    expect(systems()).toStrictEqual([]);
  });
});
