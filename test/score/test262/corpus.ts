/** The chosen files of test262 as a runner takes them, from the folder in which they are. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { choose } from './choice.ts';
import { parseFrontMatter, withoutFrontMatter } from './front-matter.ts';
import { foldersTo, harnessOf } from './harness.ts';

export type TestFile = Readonly<{
  path: string;
  /** What its folders declare for it, beyond what is declared for every file. */
  prelude: string;
  text: string;
  /** The name of the error that it must throw; '' if it must run to its end. */
  error: string;
  /** It says itself when it is done. */
  isAsync: boolean;
}>;

export type Corpus = Readonly<{
  harness: string;
  files: readonly TestFile[];
  /** SHA-256 over the paths and texts of the files. */
  digest: string;
}>;

export const readCorpus = (folder: string, count: number): Corpus => {
  const read = (path: string): string =>
    readFileSync(join(folder, path), 'utf8');
  const shells = new Map<string, string>();
  const shellOf = (inner: string): string => {
    const path = `${inner}/shell.js`;
    const known = shells.get(path);
    if (known !== undefined) return known;
    const text = existsSync(join(folder, path)) ? read(path) : '';
    shells.set(path, text);
    return text;
  };
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const chosen = choose(paths, count, read);
  const digest = createHash('sha256');
  for (const { path, text } of chosen) digest.update(`${path}\0${text}\0`);
  return {
    harness: harnessOf(read('shell.js')),
    files: chosen.map(({ path, text }) => ({
      ...testFileOf(path, text),
      prelude: foldersTo(path).map(shellOf).join(''),
    })),
    digest: digest.digest('hex'),
  };
};

export const testFileOf = (path: string, text: string): TestFile => {
  const { flags, negative } = parseFrontMatter(text);
  return {
    path,
    prelude: '',
    text: withoutFrontMatter(text),
    error: negative?.type ?? '',
    isAsync: flags.includes('async'),
  };
};
