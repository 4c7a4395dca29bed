/** Vats from sources, through the real kernel and the real bundler (V-02). */
import '../daemon/lockdown.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LaunchResult } from '@ocap/kernel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gone, isAlive } from '../../../../test/support/processes.ts';
import { openTestKernel, type TestKernel } from '../testing/test-kernel.ts';

const greeter = `
  import { makeDefaultExo } from '@ocap/kernel-utils/exo';
  import { greeting } from './greeting.ts';
  export const buildRootObject = (_powers: unknown, who: string) =>
    makeDefaultExo('Greeter', { greet: () => greeting(who) });
`;
const greeting = "export const greeting = (who: string) => 'hello ' + who;";

const makeFolder = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ocap-source-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

const launch = async (
  { kernel }: TestKernel,
  sourceSpec: string,
): Promise<LaunchResult> =>
  kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { sourceSpec, parameters: 'you' } },
  });

/** The processes that were started for bundling, in order. */
const bundlerPids = ({ logged }: TestKernel): readonly number[] =>
  logged
    .filter(({ message }) => message === 'a bundler was started')
    .map(({ fields }) => (fields as { pid: number }).pid);

describe('a vat from a sourceSpec', () => {
  it.each([
    ['an absolute path', (path: string) => path],
    ['a file: URL', (path: string) => pathToFileURL(path).href],
  ])('runs, and again when its file is gone: %s', async (_title, specOf) => {
    const t = await openTestKernel();
    const folder = makeFolder({ 'a b.ts': greeter, 'greeting.ts': greeting });
    const { rootKref } = await launch(t, specOf(join(folder, 'a b.ts')));
    expect(await t.call(rootKref, 'greet')).toBe('hello you');
    rmSync(folder, { recursive: true });
    await t.reopen();
    expect(await t.call(rootKref, 'greet')).toBe('hello you');
    expect(bundlerPids(t)).toHaveLength(1);
  });

  it('shares its bundle with the others of the same source', async () => {
    const t = await openTestKernel();
    const folder = makeFolder({ 'a.ts': greeter, 'greeting.ts': greeting });
    const sourceSpec = join(folder, 'a.ts');
    const { vats } = await t.kernel.launchSubcluster({
      bootstrap: 'one',
      bundles: { shared: { sourceSpec } },
      vats: {
        one: { sourceSpec },
        two: { sourceSpec },
        three: { bundleName: 'shared' },
      },
    });
    expect(Object.keys(vats)).toStrictEqual(['one', 'two', 'three']);
    expect(
      t.kernel.executeDBQuery('SELECT count(*) AS n FROM bundles'),
    ).toStrictEqual([{ n: 1 }]);
  });

  it('is made of what the file holds now, not of what it held before', async () => {
    const t = await openTestKernel();
    const folder = makeFolder({ 'a.ts': greeter, 'greeting.ts': greeting });
    const path = join(folder, 'a.ts');
    await launch(t, path);
    writeFileSync(
      join(folder, 'greeting.ts'),
      greeting.replace('hello', 'good day'),
    );
    const { rootKref } = await launch(t, path);
    expect(await t.call(rootKref, 'greet')).toBe('good day you');
  });
});

describe('a sourceSpec that gives no vat', () => {
  it.each([
    [
      'a syntax error, with its place',
      'export const a = 1;\nexport const b = ( => 1;',
      'The source of vat "main" cannot be bundled: bad.js:2:20: ',
    ],
    [
      'no root',
      'export const x = 1;',
      'bad.js is not a vat: it does not export buildRootObject.',
    ],
    [
      'a module of Node',
      "import 'node:fs'; export const buildRootObject = 1;",
      'Vats have no node:fs (imported by bad.js)',
    ],
  ])('is told: %s', async (_title, text, message) => {
    const t = await openTestKernel();
    const folder = makeFolder({ 'bad.js': text });
    await expect(launch(t, join(folder, 'bad.js'))).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining(message) as string,
    });
    expect(t.kernel.getStatus()).toMatchObject({ vats: [], subclusters: [] });
  });

  it.each([
    ['./a.js', '"./a.js" is neither an absolute path nor a file: URL.'],
    ['https://example.com/a.js', 'is neither an absolute path'],
    ['/nowhere/a.js', 'Cannot read /nowhere/a.js: there is no such file.'],
    ['file:///nowhere/a.js', 'Cannot read /nowhere/a.js'],
    ['/', 'Cannot read /: it is no file.'],
  ])('is told: %s', async (spec, message) => {
    const t = await openTestKernel();
    await expect(launch(t, spec)).rejects.toThrow(message);
  });
});

describe('the bundler of a kernel', () => {
  it('is not started by a launch without sources', async () => {
    const t = await openTestKernel();
    await t.launch('return Far("root", {});');
    expect(bundlerPids(t)).toStrictEqual([]);
  });

  it('is gone when the kernel has stopped', async () => {
    const t = await openTestKernel();
    await expect(launch(t, '/nowhere/a.js')).rejects.toThrow('Cannot read');
    const [pid = 0] = bundlerPids(t);
    expect(isAlive(pid)).toBe(true);
    await t.reopen();
    await gone(pid);
  });
});
