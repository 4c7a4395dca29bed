/** What is built of a command loads what it needs and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../support/home.ts';

const dist = join(repositoryRoot, 'packages/cli/dist');

/** All that a file requires before it runs, and what these require. */
const loadedBy = (file: string, found = new Set<string>()): Set<string> => {
  const text = readFileSync(join(dist, file), 'utf8');
  for (const [, name = ''] of text.matchAll(
    /^(?:\w+ \w+ = )?require\("([^"]+)"\);$/gmu,
  )) {
    if (found.has(name)) continue;
    found.add(name);
    if (name.startsWith('./')) {
      loadedBy(name, found);
    }
  }
  return found;
};

const chunkOf = (name: string): string => {
  const [, chunk = ''] =
    new RegExp(`=> require\\("\\./(ocap-${name}-[^"]+)"\\)`, 'u').exec(
      readFileSync(join(dist, 'ocap.cjs'), 'utf8'),
    ) ?? [];
  return chunk;
};

/** Each would take longer than all else that a command does. */
const heavy = ['better-sqlite3', 'rolldown', 'undici', 'node:http'];
/** Only what starts a process or needs a key is to load these. */
const rare = ['node:child_process', 'node:crypto'];

it.each(['daemon-exec', 'daemon-status', 'ps', 'call'])(
  'the command %s loads no database, bundler or server',
  (name) => {
    const loaded = loadedBy(chunkOf(name), loadedBy('ocap.cjs'));
    expect(loaded).toContain('node:path');
    expect(
      [...heavy, ...rare].filter((each) => loaded.has(each)),
    ).toStrictEqual([]);
  },
);

it('what is heavy is in chunks of its own', () => {
  const loaded = readdirSync(dist)
    .filter((name) => /^ocap-.+\.cjs$/u.test(name))
    .flatMap((name) => [...loadedBy(name)]);
  expect(loaded).toContain('better-sqlite3');
});
