import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readServedFile } from './served-file.ts';

const bundle = '{"moduleFormat":"iife","code":""}';
const config = '{"bootstrap":"a","vats":{"a":{"bundleSpec":"./a.bundle"}}}';

let folder: string;
let root: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ocap-serve-test-')));
  root = join(folder, 'root');
  mkdirSync(join(root, 'sub'), { recursive: true });
  mkdirSync(join(root, '.git'));
  mkdirSync(join(folder, 'root-2'));
  const files: Record<string, string> = {
    'outside.bundle': 'secret',
    'root-2/a.bundle': 'secret',
    'root/.hidden.bundle': 'secret',
    'root/.git/a.bundle': 'secret',
    'root/a.bundle': bundle,
    'root/a b.bundle': bundle,
    'root/sub/b.bundle': bundle,
    'root/cluster.json': config,
    'root/package.json': '{"name":"secret"}',
    'root/broken.json': '{',
    'root/a.js': 'secret',
    'root/LICENSE': 'secret',
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  const links: Record<string, string> = {
    'out.bundle': '../outside.bundle',
    'sub/out.bundle': '../../outside.bundle',
    'neighbour.bundle': '../root-2/a.bundle',
    'out.d': '..',
    'source.bundle': 'a.js',
    'hidden.bundle': '.git/a.bundle',
    'package.bundle': 'package.json',
    'same.bundle': 'a.bundle',
    'circle.bundle': 'circle.bundle',
    'gone.bundle': 'nowhere.bundle',
  };
  for (const [name, to] of Object.entries(links)) {
    symlinkSync(to, join(root, name));
  }
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a folder that is served', () => {
  it.each([
    ['/a.bundle', bundle],
    ['/a.bundle?v=1', bundle],
    ['/a%20b.bundle', bundle],
    ['/sub/b.bundle', bundle],
    ['/cluster.json', config],
    // A link within the folder, to a file that may be had anyway.
    ['/same.bundle', bundle],
  ])('gives %s', async (target, text) => {
    const served = await readServedFile(root, target);
    expect(served).toStrictEqual({ status: 200, body: Buffer.from(text) });
  });

  it.each([
    ['a path that climbs', '/../outside.bundle', 403],
    ['one that climbs on its way', '/sub/../../outside.bundle', 403],
    ['one that climbs encoded', '/%2e%2e/outside.bundle', 403],
    ['an encoded slash', '/..%2foutside.bundle', 403],
    ['another encoded slash', '/sub%2f..%2f..%2foutside.bundle', 403],
    ['a backslash', '/..%5coutside.bundle', 403],
    ['a folder with a like name', '/../root-2/a.bundle', 403],
    ['a zero byte', '/a.bundle%00.json', 403],
    ['an absolute path', '//etc/passwd.bundle', 404],
    ['a link out', '/out.bundle', 403],
    ['a link out of a folder in it', '/sub/out.bundle', 403],
    ['a link to the neighbour', '/neighbour.bundle', 403],
    ['a linked folder', '/out.d/outside.bundle', 403],
    ['a link to a source', '/source.bundle', 404],
    ['a link to what is hidden', '/hidden.bundle', 403],
    ['a link to JSON that is no config', '/package.bundle', 404],
    ['a link in a circle', '/circle.bundle', 404],
    ['a link to nothing', '/gone.bundle', 404],
    ['what is hidden', '/.hidden.bundle', 403],
    ['a folder that is hidden', '/.git/a.bundle', 403],
    ['a source', '/a.js', 404],
    ['a file without a form', '/LICENSE', 404],
    ['JSON that is no config', '/package.json', 404],
    ['what is no JSON', '/broken.json', 404],
    ['what is not there', '/z.bundle', 404],
    ['the folder', '/', 404],
    ['a folder in it', '/sub', 404],
    ['a broken path', '/%zz.bundle', 400],
    ['no path', 'http://localhost/a.bundle', 400],
  ])('refuses %s: %s', async (_title, target, status) => {
    const served = await readServedFile(root, target);
    expect(served).toMatchObject({ status });
    expect(served).not.toHaveProperty('body');
  });

  it('does not wait at a pipe, nor read a folder', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe.bundle')]);
    mkdirSync(join(root, 'folder.bundle'));
    for (const target of ['/pipe.bundle', '/folder.bundle']) {
      expect(await readServedFile(root, target)).toMatchObject({ status: 404 });
    }
  });
});
