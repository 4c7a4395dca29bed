import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findVatSources, listVatSources } from './find-vat-sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-find-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text = 'buildRootObject'): void =>
  writeFileSync(join(folder, name), text);

describe('the vat sources of a folder', () => {
  it('are its .js and .ts files that speak of buildRootObject, by name', async () => {
    ['b.js', 'a.ts', 'c.mjs'].forEach((name) => write(name));
    write('lib.js', 'export const x = 1;');
    ['a.test.ts', 'a.d.ts', 'vite.config.js', 'a.txt', 'a.bundle'].forEach(
      (name) => write(name),
    );
    mkdirSync(join(folder, 'folder.js'));
    symlinkSync('nowhere', join(folder, 'dangling.js'));
    const names = ['a.ts', 'b.js', 'c.mjs'];
    expect(await findVatSources(folder)).toStrictEqual(
      names.map((name) => join(folder, name)),
    );
  });

  it('are found out by reading what may become one, too', async () => {
    write('a.js');
    write('lib.js', 'export const x = 1;');
    const files: string[] = [];
    await findVatSources(folder, { onFile: (path) => files.push(path) });
    expect(files).toStrictEqual([
      folder,
      join(folder, 'a.js'),
      join(folder, 'lib.js'),
    ]);
  });
});

describe('the vat sources of a path', () => {
  it('are the file itself, whatever it says, or none if nothing is there', async () => {
    write('a.js', '');
    const file = join(folder, 'a.js');
    expect(await listVatSources(file)).toStrictEqual([file]);
    expect(await listVatSources(join(folder, 'b.js'))).toStrictEqual([]);
    expect(await listVatSources(folder)).toStrictEqual([]);
  });
});
