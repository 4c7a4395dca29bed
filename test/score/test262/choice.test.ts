/** Which files are eligible, told by texts made up for it, and that the choice is always the same. */
import { expect, it } from 'vitest';
import { choose, inOrderOfChoice, isEligible, mayBeTest } from './choice.ts';

const withMatter = (matter: string, code = 'reportCompare(0, 0);'): string =>
  `// A licence.\n/*---\ndescription: made up\n${matter}\n---*/\n${code}\n`;

it.each([
  ['nothing special', withMatter('')],
  ['strict mode', withMatter('flags: [onlyStrict]')],
  [
    'one that is done later',
    `// |reftest| async\n${withMatter('flags: [async]')}`,
  ],
  [
    'an error as its end',
    `// |reftest| error:SyntaxError\n${withMatter('negative:\n  phase: parse\n  type: SyntaxError')}`,
  ],
  ['a feature of the language', withMatter('features: [BigInt, Proxy]')],
])('%s is eligible', (_, text) => {
  expect(isEligible(text)).toBe(true);
});

it.each([
  ['sloppy mode', withMatter('flags: [generated, noStrict]')],
  ['a text that must be alone', withMatter('flags: [raw]')],
  ['a module', withMatter('flags: [module]')],
  ['a module by its first line', `// |reftest| module\n${withMatter('')}`],
  ['one that is skipped', `// |reftest| skip -- made up\n${withMatter('')}`],
  [
    'one that is skipped at times',
    `// |reftest| skip-if(!x) async\n${withMatter('')}`,
  ],
  ['shared memory', withMatter('features: [BigInt, SharedArrayBuffer]')],
  ['realms, an item a line', withMatter('features:\n  - cross-realm')],
  [
    'buffers that are taken away',
    withMatter('includes: [detachArrayBuffer.js]'),
  ],
  ['the object of the host', withMatter('', '$262.gc();')],
])('%s is not', (_, text) => {
  expect(isEligible(text)).toBe(false);
});

it.each([
  ['language/a/b.js', true],
  ['built-ins/c.js', true],
  ['built-ins/shell.js', false],
  ['language/a/browser.js', false],
  ['language/a/shell.json', false],
  ['language/module_FIXTURE.js', false],
  ['annexB/language/d.js', false],
  ['harness/e.js', false],
])('%s may be a test: %s', (path, may) => {
  expect(mayBeTest(path)).toBe(may);
});

const paths = ['a', 'b', 'c', 'd', 'e', 'f'].map(
  (name) => `language/${name}.js`,
);

it('chooses the same files in whatever order they are found', () => {
  const texts = new Map(
    paths.map((path) => [
      path,
      withMatter(path.includes('c') ? 'flags: [raw]' : ''),
    ]),
  );
  const chosenOf = (
    found: readonly string[],
    count: number,
  ): readonly string[] =>
    choose(found, count, (path) => texts.get(path) ?? '').map(
      ({ path }) => path,
    );
  const three = chosenOf(paths, 3);
  expect(three).toHaveLength(3);
  expect(chosenOf(paths.toReversed(), 3)).toStrictEqual(three);
  expect(chosenOf(paths, 4).slice(0, 3)).toStrictEqual(three);
  const all = chosenOf(paths, 100);
  expect(all.toSorted()).toStrictEqual(
    paths.filter((path) => !path.includes('c')),
  );
});

it('reads no file that comes after those', () => {
  const read: string[] = [];
  choose(paths, 2, (path) => {
    read.push(path);
    return withMatter('');
  });
  expect(read).toStrictEqual(inOrderOfChoice(paths).slice(0, 2));
});
