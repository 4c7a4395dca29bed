import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleVat, type VatBundle } from './bundle-vat.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocap-bundle-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const write = async (files: Record<string, string>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
};

/** As a vat host does it: the script, and after it the name of what it defined. */
const evaluate = (
  { code }: VatBundle,
  hostModules: Record<string, unknown> = {},
): Record<string, (...args: unknown[]) => unknown> =>
  new Function('__hostModules__', `${code}; return __vatExports__`)(
    hostModules,
  );

const root = 'export const buildRootObject = () => 1;\n';

describe('a bundle', () => {
  it('holds the vat and what it imports, but for the standard modules', async () => {
    await write({
      'vat.ts': `
        import { E } from '@endo/eventual-send';
        import * as exo from '@ocap/kernel-utils/exo';
        import { twice } from './lib/twice.js';
        /** @type {import('./types.js').Name} */
        export const buildRootObject = (n: number) => [E, exo.name, twice(n)];
      `,
      'lib/twice.js':
        'export const twice = (n) => { let x = n; while (n --> 0) x += 1; return x; };',
    });
    const bundle = await bundleVat(join(folder, 'vat.ts'));
    expect(bundle.moduleFormat).toBe('iife');
    expect(bundle.exports).toStrictEqual(['buildRootObject']);
    expect(bundle.sourceName).toBe('vat.ts');
    expect(Object.keys(bundle.external)).toStrictEqual([
      '@endo/eventual-send',
      '@ocap/kernel-utils/exo',
    ]);
    expect(bundle.external['@endo/eventual-send']).toMatch(/^\d+\.\d+\.\d+/u);
    const { buildRootObject } = evaluate(bundle, {
      '@endo/eventual-send': { E: 'e' },
      '@ocap/kernel-utils/exo': { name: 'exo' },
    });
    expect(buildRootObject?.(2)).toStrictEqual(['e', 'exo', 4]);
  });

  it('names no path of the machine', async () => {
    await write({
      'v/index.js': "export * from '../far/away.js';",
      'far/away.js': root,
    });
    const bundle = await bundleVat(join(folder, 'v/index.js'));
    expect(JSON.stringify(bundle)).not.toContain(tmpdir());
    expect(bundle.code).not.toContain('far/');
    expect(bundle.sourceName).toBe('v/index.js');
    expect(bundle.code).toContain('//# sourceURL=v/index.js\n');
  });

  it('holds the standard modules too if it is to be self-contained', async () => {
    await write({
      'vat.js':
        "import { M } from '@endo/patterns';\nexport const buildRootObject = () => M;",
    });
    const path = join(folder, 'vat.js');
    const bundle = await bundleVat(path, { selfContained: true });
    expect(bundle.external).toStrictEqual({});
    expect(bundle.code).not.toContain('__hostModules__');
  });

  it('is for production, whatever the modules in it ask of Node', async () => {
    await write({
      'vat.js': `
        import mode from 'mode';
        const isDev = process.env.NODE_ENV !== 'production';
        export const buildRootObject = () => [mode, isDev, process.env['NODE_ENV']];
      `,
      'node_modules/mode/index.js': `
        if (process.env.NODE_ENV === 'production') module.exports = require('./fast.js');
        else module.exports = require('./slow.js');
      `,
      'node_modules/mode/fast.js': "module.exports = 'fast';",
      'node_modules/mode/slow.js': "module.exports = 'slow';",
    });
    const bundle = await bundleVat(join(folder, 'vat.js'));
    expect(bundle.code).not.toMatch(/process|slow/u);
    expect(evaluate(bundle)['buildRootObject']?.()).toStrictEqual([
      'fast',
      false,
      'production',
    ]);
  });

  it('has no other environment, and a process of its own if it makes one', async () => {
    await write({
      'asks.js':
        'export const buildRootObject = () => [process.env.NODE_ENV_, process.env.PATH];',
      'makes.js': `
        export const buildRootObject = (process) => process.env.NODE_ENV;
      `,
    });
    const asks = await bundleVat(join(folder, 'asks.js'));
    expect(asks.code).toContain('process.env.NODE_ENV_');
    expect(asks.code).toContain('process.env.PATH');
    const makes = await bundleVat(join(folder, 'makes.js'));
    const { buildRootObject } = evaluate(makes);
    expect(buildRootObject?.({ env: { NODE_ENV: 'mine' } })).toBe('mine');
  });

  it('is the same when it is made again', async () => {
    await write({ 'vat.js': root });
    const path = join(folder, 'vat.js');
    expect(await bundleVat(path)).toStrictEqual(await bundleVat(path));
  });
});

describe('a module of the ocap-kernel project', () => {
  const names = [
    '@metamask/kernel-utils',
    '@metamask/kernel-utils/exo',
    '@metamask/kernel-utils/discoverable',
  ];
  const vat = (name: string): string =>
    `import { makeDefaultExo } from '${name}';\nexport const buildRootObject = () => makeDefaultExo('a');\n`;

  it.each(names)(
    '%s is that of the host if it is not installed',
    async (name) => {
      await write({ 'vat.js': vat(name) });
      const bundle = await bundleVat(join(folder, 'vat.js'));
      expect(Object.keys(bundle.external)).toStrictEqual([
        '@ocap/kernel-utils/exo',
      ]);
      const { buildRootObject } = evaluate(bundle, {
        '@ocap/kernel-utils/exo': { makeDefaultExo: (text: string) => [text] },
      });
      expect(buildRootObject?.()).toStrictEqual(['a']);
    },
  );

  it.each(names)('%s gives what makes an object discoverable', async (name) => {
    await write({
      'vat.js': `
        import { GET_DESCRIPTION, makeDiscoverableExo } from '${name}';
        export const buildRootObject = () => makeDiscoverableExo(GET_DESCRIPTION);
      `,
    });
    const bundle = await bundleVat(join(folder, 'vat.js'));
    const { buildRootObject } = evaluate(bundle, {
      '@ocap/kernel-utils/exo': {
        GET_DESCRIPTION: 'told',
        makeDiscoverableExo: (text: string) => [text],
      },
    });
    expect(buildRootObject?.()).toStrictEqual(['told']);
  });

  it.each(names)('%s is bundled in if it is installed', async (name) => {
    const path = name.split('/').slice(2).join('/');
    await write({
      'vat.js': vat(name),
      [`node_modules/@metamask/kernel-utils/${join(path, 'index.js')}`]:
        'export const makeDefaultExo = (text) => [text, text];',
    });
    const bundle = await bundleVat(join(folder, 'vat.js'));
    expect(bundle.external).toStrictEqual({});
    expect(evaluate(bundle)['buildRootObject']?.()).toStrictEqual(['a', 'a']);
  });

  it('goes into a bundle that is to be self-contained', async () => {
    await write({ 'vat.js': vat('@metamask/kernel-utils/exo') });
    const path = join(folder, 'vat.js');
    const { code, external } = await bundleVat(path, { selfContained: true });
    expect(external).toStrictEqual({});
    expect(code).toContain('defaultGuards');
  });

  it('is not had with what the host does not have of it, nor is any other', async () => {
    await write({
      'vat.js': "import { delay } from '@metamask/kernel-utils';\ndelay();",
      'other.js': "import { Logger } from '@metamask/logger';\nLogger();",
    });
    await expect(bundleVat(join(folder, 'vat.js'))).rejects.toThrow(
      /vat\.js:1:10: "delay" is not exported by "@metamask\/kernel-utils as the host has it/u,
    );
    await expect(bundleVat(join(folder, 'other.js'))).rejects.toThrow(
      'Cannot find @metamask/logger',
    );
  });
});

describe('who asks is told of each file', () => {
  const filesOf = async (name: string): Promise<string[]> => {
    const files: string[] = [];
    const onFile = (path: string): void => {
      expect(path.startsWith('/')).toBe(true);
      files.push(path.replace(`${folder}/`, ''));
    };
    await bundleVat(join(folder, name), { onFile }).catch(() => undefined);
    return [...new Set(files)];
  };

  it('that goes into the bundle, but for the standard modules', async () => {
    await write({
      'vat.js': `import '@endo/patterns';\nimport './lib/a.js';\n${root}`,
      'lib/a.js': "import 'b';",
      'node_modules/b/index.js': 'globalThis.b = 1;',
    });
    expect(await filesOf('vat.js')).toStrictEqual([
      'vat.js',
      'lib/a.js',
      'node_modules/b/index.js',
    ]);
  });

  it('that would take the place of what the host has', async () => {
    await write({ 'vat.js': `import '@metamask/kernel-utils/exo';\n${root}` });
    expect(await filesOf('vat.js')).toContain(
      'node_modules/@metamask/kernel-utils',
    );
  });

  it('also if no bundle comes of it, and of where a missing one could be', async () => {
    await write({
      'vat.js': "import './lib/a.js';\nimport './b.js';",
      'lib/a.js': 'export const a = (;',
    });
    expect(await filesOf('vat.js')).toEqual(
      expect.arrayContaining(['vat.js', 'lib/a.js', 'b.js', 'b.ts']),
    );
    expect(await filesOf('gone.js')).toStrictEqual(['gone.js']);
  });
});

describe('a source that cannot be a vat is refused', () => {
  it.each([
    [
      'a syntax error',
      'export const a = 1;\nexport const b = ( => 1;',
      'vat.js:2:20',
    ],
    [
      'a module of Node',
      "import fs from 'node:fs';\nexport default fs;",
      'Vats have no node:fs (imported by vat.js)',
    ],
    [
      'a module of Node without its prefix',
      "import fs from 'fs';\nexport default fs;",
      'Vats have no fs',
    ],
    [
      'a module that is not there',
      "import x from 'nowhere';\nexport default x;",
      'Cannot find nowhere (imported by vat.js)',
    ],
    [
      'an export that is not there',
      "import { x } from './other.js';\nexport default x;",
      'vat.js:1:10',
    ],
    [
      'an HTML comment in a string',
      'export const a = "<!-- x";',
      'vat.js, line',
    ],
    ['eval', 'export const a = () => eval("1");', '"eval("'],
    ['import( in a string', 'export const a = "import(x)";', '"import("'],
  ])('with %s', async (_title, text, message) => {
    await write({ 'vat.js': text, 'other.js': root });
    const refused = bundleVat(join(folder, 'vat.js'));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toHaveProperty('name', 'BundleError');
    await expect(refused).rejects.not.toThrow(folder);
  });
});
