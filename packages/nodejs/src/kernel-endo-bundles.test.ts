import './daemon/lockdown.ts';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';
import { inlineBundle } from './testing/vat-source.ts';

const source = fileURLToPath(
  new URL('./testing/fixtures/endo-vat/index.js', import.meta.url),
);

// In a process of its own, as Endo's bundler is run: it does not like lockdown.
const endoBundle = async (format: string): Promise<string> => {
  const script = `
    import 'ses';
    import bundleSource from '@endo/bundle-source';
    process.stdout.write(JSON.stringify(await bundleSource(process.argv[1], process.argv[2])));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script, source, format],
    {
      maxBuffer: 64 * 1024 * 1024,
      cwd: fileURLToPath(new URL('..', import.meta.url)),
    },
  );
  return inlineBundle(stdout);
};

it.each(['endoZipBase64', 'nestedEvaluate'])(
  'a bundle made by Endo as %s runs, keeps its state, and talks to other vats',
  async (format) => {
    const t = await openTestKernel();
    const { rootKref } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: { a: { bundleSpec: await endoBundle(format) } },
    });
    const other = await t.launch(
      `return makeDefaultExo('Other', { inc: () => 'other' })`,
    );
    expect(await t.call(rootKref, 'inc')).toBe(1);
    expect(await t.call(rootKref, 'callIt', { '@ref': other })).toBe('other');
    await expect(t.call(rootKref, 'callIt', 5)).rejects.toThrow(
      /Must be a remotable/u,
    );
    expect(await t.call(rootKref, 'stack')).not.toMatch(/\/|file:/u);
    await t.reopen();
    expect(await t.call(rootKref, 'inc')).toBe(2);
  },
);
