import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bundleVat } from './bundle-vat.ts';
import { listVatSources } from './find-vat-sources.ts';
import { remakeOnChange } from './remake-on-change.ts';

let folder: string;
let stop: AbortController;
let watching: Promise<void>;
/** What was told, in order: `made a.js`, `problem a.js`, `gone a.js`, `watching`. */
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-remake-test-'));
  stop = new AbortController();
  watching = Promise.resolve();
  told = [];
});
afterEach(async () => {
  stop.abort();
  await watching;
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string): void => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

const importing = (name: string): string =>
  `import { value } from '${name}';\nexport const buildRootObject = () => value;\n`;
const value = 'export const value = 1;\n';
const broken = 'export const value = ( => 1;\n';

type Make = (path: string, note: (path: string) => void) => Promise<unknown>;

const bundle: Make = async (path, note) => bundleVat(path, { onFile: note });

/** Bundles what is at `what` until the test ends; resolves once it watches. */
const begin = async (what = '.', make = bundle): Promise<void> => {
  const path = join(folder, what);
  const nameOf = (source: string): string => source.slice(folder.length + 1);
  watching = remakeOnChange(stop.signal, {
    list: async (note) => listVatSources(path, { onFile: note }),
    make,
    onMade: (source) => void told.push(`made ${nameOf(source)}`),
    onProblem: (source) => void told.push(`problem ${nameOf(source)}`),
    onGone: (source) => void told.push(`gone ${nameOf(source)}`),
    onWatching: () => void told.push('watching'),
  });
  await vi.waitFor(() => expect(told).toContain('watching'), 10_000);
  told = [];
};

/** These, and a while later nothing more. */
const insistTold = async (...expected: string[]): Promise<void> => {
  await vi.waitFor(() => expect(told).toStrictEqual(expected), 10_000);
  await delay(400);
  expect(told).toStrictEqual(expected);
  told = [];
};

describe('what is made of files', () => {
  it('is made anew when one of them changes, and nothing else is', async () => {
    write('a.js', importing('./lib/a.js'));
    write('b.js', importing('./lib/b.js'));
    write('lib/a.js', value);
    write('lib/b.js', value);
    await begin();
    write('lib/b.js', `${value}// later\n`);
    await insistTold('made b.js');
    write('a.js', importing('./lib/b.js'));
    await insistTold('made a.js');
    write('lib/b.js', value);
    await insistTold('made a.js', 'made b.js');
    write('lib/a.js', 'export const value = 2;\n');
    await insistTold();
  });

  it('is made once for a burst of changes', async () => {
    write('a.js', importing('./lib.js'));
    write('lib.js', value);
    await begin();
    for (let round = 0; round < 50; round += 1) {
      write('lib.js', `${value}// ${round}\n`);
      write('a.js', `${importing('./lib.js')}// ${round}\n`);
    }
    await insistTold('made a.js');
  });

  it('is made anew if one of them is replaced, also by an older one of the same size', async () => {
    write('a.js', importing('./lib.js'));
    write('old.txt', 'export const value = 2;\n');
    write('lib.js', value);
    await begin('a.js');
    renameSync(join(folder, 'old.txt'), join(folder, 'lib.js'));
    await insistTold('made a.js');
  });

  it('is made anew when a whole folder was replaced', async () => {
    write('a.js', importing('./lib/value.js'));
    write('lib/value.js', value);
    await begin('a.js');
    rmSync(join(folder, 'lib'), { recursive: true });
    await insistTold('problem a.js');
    write('lib/value.js', value);
    await insistTold('made a.js');
    write('lib/value.js', `${value}// again\n`);
    await insistTold('made a.js');
  });

  it('is made again if a file changes while it is made', async () => {
    write('a.js', importing('./lib.js'));
    write('lib.js', value);
    let changes = 1;
    await begin('a.js', async (path, note) => {
      const made = await bundle(path, note);
      if (readFileSync(path, 'utf8').endsWith('// saved\n') && changes > 0) {
        changes -= 1;
        write('lib.js', `${value}// meanwhile\n`);
      }
      return made;
    });
    write('a.js', `${importing('./lib.js')}// saved\n`);
    await insistTold('made a.js', 'made a.js');
  });
});

describe('what cannot be made', () => {
  it('is tried again when a file that is broken changes', async () => {
    write('a.js', importing('./lib.js'));
    write('lib.js', value);
    await begin('a.js');
    write('a.js', 'export const buildRootObject = ( => 1;\n');
    await insistTold('problem a.js');
    // Not even read by the last try, but part of what is to be made.
    write('lib.js', broken);
    await insistTold('problem a.js');
    write('a.js', importing('./lib.js'));
    await insistTold('problem a.js');
    write('lib.js', value);
    await insistTold('made a.js');
  });

  it.each([
    ['./lib.js', 'lib.js'],
    ['./lib', 'lib.ts'],
    ['lib', 'node_modules/lib/index.js'],
    ['@some/lib', 'node_modules/@some/lib/index.js'],
  ])('is tried again when the missing %s appears', async (name, file) => {
    write('a.js', importing(name));
    await begin('a.js');
    write('unrelated.txt', '');
    await insistTold();
    write(file, value);
    await insistTold('made a.js');
  });
});

describe('what there is to be made', () => {
  it('grows and shrinks with the folder', async () => {
    write('a.js', importing('./lib.js'));
    write('lib.js', value);
    write('later.js', '// a vat some day\n');
    await begin();
    write('b.js', importing('./lib.js'));
    await insistTold('made b.js');
    write('later.js', importing('./lib.js'));
    await insistTold('made later.js');
    rmSync(join(folder, 'a.js'));
    await insistTold('gone a.js');
  });

  it('may be nothing at first', async () => {
    await begin();
    write('a.js', 'export const buildRootObject = () => 1;\n');
    await insistTold('made a.js');
  });

  it('is one file if it is no folder, also after that was away', async () => {
    write('a.js', 'export const buildRootObject = () => 1;\n');
    await begin('a.js');
    rmSync(join(folder, 'a.js'));
    await insistTold('gone a.js');
    write('a.js', 'export const buildRootObject = () => 2;\n');
    await insistTold('made a.js');
  });
});

it('ends when it is told to, without another try', async () => {
  write('a.js', 'export const buildRootObject = () => 1;\n');
  await begin();
  stop.abort();
  await watching;
  write('a.js', 'export const buildRootObject = () => 2;\n');
  await insistTold();
});

it('rejects if a handler throws', async () => {
  write('a.js', 'export const buildRootObject = () => 1;\n');
  const failing = remakeOnChange(stop.signal, {
    list: async () => [join(folder, 'a.js')],
    make: bundle,
    onMade: () => {
      throw Error('no more');
    },
    onProblem: () => undefined,
    onWatching: () => undefined,
  });
  await expect(failing).rejects.toThrow('no more');
});
