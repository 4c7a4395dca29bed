import 'ses';
import '@endo/eventual-send/shim.js';
import { describe, expect, it } from 'vitest';

lockdown({
  errorTaming: 'unsafe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe',
});
const { loadBundle } = await import('./load-bundle.ts');

const code = 'var __vatExports__ = { from: __hostModules__ };';

const load = async (bundle: object): Promise<unknown> => {
  const hostModules = harden({ '@endo/far': {}, '@endo/exo': {} });
  const text = JSON.stringify({ moduleFormat: 'iife', code, ...bundle });
  const { from } = await loadBundle(text, { globals: {}, hostModules });
  return Object.keys(from as object);
};

describe('a bundle runs', () => {
  it.each([
    ['by name and version', { '@endo/far': '1.0.0', '@endo/exo': '*' }],
    ['by name', ['@endo/far', '@endo/exo']],
    ['in an empty record', {}],
    ['in an empty list', []],
    ['in nothing', undefined],
    ['in null', null],
  ])(
    'with what it needs of its host, told %s',
    async (_title, external: unknown) => {
      expect(await load({ external })).toStrictEqual([
        '@endo/far',
        '@endo/exo',
      ]);
    },
  );
});

describe('a bundle is refused', () => {
  it.each([
    ['by name and version', { '@endo/far': '*', '@endo/nothing': '1.0.0' }],
    ['by name', ['@endo/far', '@endo/nothing']],
  ])(
    'with a module that the host does not have, told %s',
    async (_title, external: unknown) => {
      await expect(load({ external })).rejects.toThrow(
        'it needs the module @endo/nothing, which this host does not have',
      );
    },
  );

  it.each([
    ['a name', 'toString'],
    ['an index', '0'],
  ])(
    'with %s that every object or list has for a module',
    async (_title, name) => {
      await expect(load({ external: [name] })).rejects.toThrow(
        `it needs the module ${name}, which`,
      );
    },
  );

  it.each([
    ['that is a text', '@endo/far'],
    ['that is a number', 7],
    ['with something else than names', ['@endo/far', {}]],
  ])('with a list of modules %s', async (_title, external: unknown) => {
    await expect(load({ external })).rejects.toThrow(
      'its bundle does not say by name which modules it needs',
    );
  });
});
