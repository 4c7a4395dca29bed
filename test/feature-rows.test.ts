/**
 * The promises that this release makes are numbered: P for the daemon and its
 * tools, V for kernel and vats. Each is named in the title of a test that
 * breaks with it, and here is what sees to it that none is forgotten.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './support/home.ts';

const range = (letter: string, from: number, to: number): readonly string[] =>
  Array.from(
    { length: to - from + 1 },
    (_, at) => `${letter}-${String(from + at).padStart(2, '0')}`,
  );

const rows = [...range('P', 1, 50), ...range('V', 1, 30)];

const testFiles = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: repositoryRoot });

const textOf = (path: string): string =>
  readFileSync(join(repositoryRoot, path), 'utf8');

/** The strings of a test that name rows: its titles. Comments name some, too, but test nothing. */
const titlesOf = (path: string): readonly string[] => {
  const code = textOf(path).replaceAll(/^\s*(?:\/\/|\/?\*).*$/gmu, '');
  return [...code.matchAll(/(['"`])((?:(?!\1).)*[PV]-\d\d.*?)\1/gu)].map(
    (found) => found[2] ?? '',
  );
};

const named = new Set(
  ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/*.test.ts']
    .flatMap(testFiles)
    .flatMap(titlesOf)
    .flatMap((title) => title.match(/[PV]-\d\d/gu) ?? []),
);

it('every promise is named by a test', () => {
  expect(rows.filter((row) => !named.has(row))).toStrictEqual([]);
});

describe('end-to-end tests', () => {
  const found = (
    pattern: RegExp,
    allowed: RegExp,
  ): readonly (readonly [path: string, text: string])[] =>
    testFiles('test/e2e/*.test.ts').flatMap((path) =>
      [...textOf(path).matchAll(pattern)]
        .map(([, text = '']) => [path, text] as const)
        .filter(([, text]) => !allowed.test(text)),
    );

  it('drive the real binary, and load nothing of what they test (P-48)', () => {
    // The client is what a user's program would use; `vatSource` writes vats, as
    // do the message patterns, and `peers.ts` are strangers at a relay.
    const allowed =
      /^(?!@ocap\/(?:cli|kernel)(?:\/|$)|@ocap\/nodejs(?!\/client$)|.*packages\/(?!nodejs\/src\/testing\/(?:vat-source|three-vats|promise-patterns)\.ts$|kernel-utils\/src\/libp2p\/fixtures\/peers\.ts$))/u;
    expect(found(/ from '([^']+)';$/gmu, allowed)).toStrictEqual([]);
  });

  it('reach for no other machine (P-48)', () => {
    const local = /^\w+:\/\/(?:localhost|127\.0\.0\.1|\[::1\])\b/u;
    const urls = /\b((?:https?|wss?):\/\/[^\s'"`]+)/gu;
    expect(found(urls, local)).toStrictEqual([]);
  });
});
