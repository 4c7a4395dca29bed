/** What is built of a command loads what it needs and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../support/home.ts';

const dist = join(repositoryRoot, 'packages/cli/dist');

/** All that a file imports before it runs, and what these import. */
const loadedBy = (file: string, found = new Set<string>()): Set<string> => {
  const text = readFileSync(join(dist, file), 'utf8');
  for (const [, name = ''] of text.matchAll(
    /^(?:import|export) (?:[^"']*from )?"([^"]+)";$/gmu,
  )) {
    if (found.has(name)) continue;
    found.add(name);
    if (name.startsWith('./')) {
      loadedBy(join(dirname(file), name), found);
    }
  }
  return found;
};

const chunkOf = (name: string): string => {
  const [, chunk = ''] =
    new RegExp(`import\\("\\./(ocap-${name}-[^"]+)"\\)`, 'u').exec(
      ['./ocap.mjs', ...loadedBy('ocap.mjs')]
        .filter((each) => each.startsWith('./'))
        .map((each) => readFileSync(join(dist, each), 'utf8'))
        .join('\n'),
    ) ?? [];
  return chunk;
};

/** Each would take longer than all else that a command does. */
const heavy = ['better-sqlite3', 'rolldown', 'undici', 'node:http'];

it.each(['daemon-exec', 'daemon-status', 'ps', 'call'])(
  'the command %s loads no database, bundler or server',
  (name) => {
    const loaded = new Set([
      ...loadedBy('ocap.mjs'),
      ...loadedBy(chunkOf(name)),
    ]);
    expect(loaded).toContain('node:path');
    expect(heavy.filter((each) => loaded.has(each))).toStrictEqual([]);
  },
);

it('what is heavy is in chunks of its own', () => {
  const loaded = readdirSync(dist)
    .filter((name) => /^ocap-.+\.mjs$/u.test(name))
    .flatMap((name) => [...loadedBy(name)]);
  expect(loaded).toContain('better-sqlite3');
});
