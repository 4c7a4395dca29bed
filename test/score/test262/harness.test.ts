/** What is put before a file, made of a text that is built like that of Mozilla. */
import { expect, it } from 'vitest';
import { foldersTo, harnessOf } from './harness.ts';

const first = 'function assert() {}\n// file: test262-host.js\n';
const host = 'throw Error("no shell");\n';
const last = 'var $mozAsyncTestDone = false;\nfunction $DONE() {}\n';

it('leaves out what only another shell can do', () => {
  const harness = harnessOf(first + host + last);
  expect(harness).toContain('function assert()');
  expect(harness).toContain('function $DONE()');
  expect(harness).not.toContain('no shell');
});

it.each([
  ['without the host', last],
  ['without an end of it', first + host],
])('refuses one %s, which it does not know', (_, shell) => {
  expect(() => harnessOf(shell)).toThrow('not as it was');
});

it('names the folders on the way to a file', () => {
  expect(foldersTo('language/a/b/c.js')).toStrictEqual([
    'language',
    'language/a',
    'language/a/b',
  ]);
});
