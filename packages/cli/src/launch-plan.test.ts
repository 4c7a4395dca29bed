import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planLaunch } from './launch-plan.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocap-plan-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const write = async (name: string, text: string): Promise<void> => {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
};
const urlOf = (name: string): string => pathToFileURL(join(folder, name)).href;
const root = 'export const buildRootObject = () => 1;\n';

describe('what is to be launched', () => {
  it('is a single vat if it is a source or a bundle', async () => {
    await write('counter.js', root);
    await write('counter.bundle', '{}');
    expect(await planLaunch(join(folder, 'counter.js'))).toMatchObject({
      name: 'counter',
      config: {
        bootstrap: 'main',
        vats: { main: { sourceSpec: urlOf('counter.js') } },
      },
      sources: [urlOf('counter.js')],
    });
    expect(await planLaunch(join(folder, 'counter.bundle'))).toMatchObject({
      name: 'counter',
      config: { vats: { main: { bundleSpec: urlOf('counter.bundle') } } },
      sources: [],
    });
  });

  it.each(['bank', 'bank/cluster.json'])(
    'is the config of a folder: %s',
    async (what) => {
      await write('a.js', root);
      await write(
        'bank/cluster.json',
        '{"bootstrap":"a","vats":{"a":{"sourceSpec":"../a.js"},"b":{"bundleName":"a"}},"bundles":{"a":{"sourceSpec":"../a.js"}}}',
      );
      const plan = await planLaunch(join(folder, what));
      expect(plan.name).toBe('bank');
      // Each source once, however many are made of it.
      expect(plan.sources).toStrictEqual([urlOf('a.js')]);
    },
  );

  it('is the index of a folder without a config', async () => {
    await write('one/index.js', root);
    expect((await planLaunch(join(folder, 'one'))).name).toBe('one');
  });

  it.each([
    ['nothing there', 'gone.js', 'there is no such file'],
    ['an empty folder', 'empty', 'nothing to launch'],
    ['something else', 'a.txt', 'neither a cluster config'],
    ['a config that is not JSON', 'bad.json', 'invalid JSON'],
    ['a config that is no object', 'list.json', 'not a JSON object'],
    [
      'a bundle that is not there',
      'nobundle.json',
      'The bundle of "a" cannot be read',
    ],
    [
      'a source that is not there',
      'nosource.json',
      'The source of "a" cannot be read',
    ],
  ])('is refused if it is %s', async (_title, what, message) => {
    await write('empty/readme.txt', '');
    await write('a.txt', '');
    await write('bad.json', '{"bootstrap"');
    await write('list.json', '[]');
    await write(
      'nobundle.json',
      '{"bootstrap":"a","vats":{"a":{"bundleSpec":"gone.bundle"}}}',
    );
    await write(
      'nosource.json',
      '{"bootstrap":"a","vats":{"a":{"sourceSpec":"gone.js"}}}',
    );
    await expect(planLaunch(join(folder, what))).rejects.toThrow(message);
  });
});
