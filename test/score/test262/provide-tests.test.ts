/** How an archive comes into its place: fetched or given, and not unless it is the right one. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTestServer } from '../../../packages/nodejs/src/testing/http-server.ts';
import { tempFolder } from '../../../packages/nodejs/src/testing/temp-folder.ts';
import { provideTests, type Archive } from './provide-tests.ts';

/** An archive with one file that is wanted and one that is not. */
const makeArchive = () => {
  const folder = tempFolder();
  for (const name of ['wanted', 'other']) {
    mkdirSync(join(folder, 'a/tests', name), { recursive: true });
    writeFileSync(join(folder, 'a/tests', name, 'x.js'), name);
  }
  const file = join(folder, 'archive.tar');
  execFileSync('tar', ['-cf', file, '-C', folder, 'a']);
  const content = readFileSync(file);
  const archive: Archive = {
    url: 'http://127.0.0.1:9/archive',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    folder: 'a/tests',
    parts: ['wanted'],
  };
  return { archive, file, content };
};

const TIME_MS = 20_000;

it('fetches it once, and keeps what is wanted of it', async () => {
  const { archive, content } = makeArchive();
  const server = await startTestServer((_, response) => response.end(content));
  const cache = tempFolder();
  const provide = async (): Promise<string> =>
    provideTests(
      { ...archive, url: `${server.origin}/archive` },
      { cache, given: '', timeMs: TIME_MS },
    );
  const place = await provide();
  expect(readdirSync(place)).toStrictEqual(['wanted']);
  expect(readFileSync(join(place, 'wanted/x.js'), 'utf8')).toBe('wanted');
  expect(await provide()).toBe(place);
  expect(server.asked).toHaveLength(1);
  expect(readdirSync(cache)).toHaveLength(1);
});

it('does not fetch it again because it was not unpacked', async () => {
  const { archive, content } = makeArchive();
  const server = await startTestServer((_, response) => response.end(content));
  const cache = tempFolder();
  const provide = async (parts: readonly string[]): Promise<string> =>
    provideTests(
      { ...archive, url: server.origin, parts },
      { cache, given: '', timeMs: TIME_MS },
    );
  await expect(provide(['absent'])).rejects.toThrow('tar');
  expect(readdirSync(await provide(['wanted']))).toStrictEqual(['wanted']);
  expect(server.asked).toHaveLength(1);
  expect(readdirSync(cache)).toHaveLength(1);
});

it('takes the one that is given, and leaves it where it is', async () => {
  const { archive, file, content } = makeArchive();
  const cache = tempFolder();
  const place = await provideTests(archive, {
    cache,
    given: file,
    timeMs: TIME_MS,
  });
  expect(readdirSync(place)).toStrictEqual(['wanted']);
  expect(readFileSync(file)).toStrictEqual(content);
});

it.each<[string, Partial<Archive>, RegExp]>([
  ['of another length', { bytes: 7 }, /has \d+ bytes/u],
  ['with other content', { sha256: 'ab'.repeat(32) }, /has the SHA-256/u],
  [
    'without what is wanted',
    { parts: ['absent'] },
    /tar, .* does not unpack it/u,
  ],
])('refuses an archive %s, and says what to do', async (_, change, why) => {
  const { archive, file } = makeArchive();
  const cache = tempFolder();
  const provided = provideTests(
    { ...archive, ...change },
    { cache, given: file, timeMs: TIME_MS },
  );
  await expect(provided).rejects.toThrow(why);
  await expect(provided).rejects.toThrow(/set OCAP_TEST262 to/u);
  expect(readdirSync(cache)).toStrictEqual([]);
});

it('refuses what is fetched and not the right one', async () => {
  const { archive } = makeArchive();
  const server = await startTestServer((_, response) => response.end('short'));
  const cache = tempFolder();
  const provided = provideTests(
    { ...archive, url: server.origin },
    { cache, given: '', timeMs: TIME_MS },
  );
  await expect(provided).rejects.toThrow('has 5 bytes');
  expect(readdirSync(cache)).toStrictEqual([]);
});

it.each<[string, number, RegExp]>([
  ['answers that it is not there', 404, /the server answers 404/u],
  ['does not answer', 0, /not within 0 s/u],
])('says so when the server %s', async (_, status, why) => {
  const { archive } = makeArchive();
  const server = await startTestServer((__, response) => {
    if (status !== 0) response.writeHead(status).end();
  });
  const provided = provideTests(
    { ...archive, url: server.origin },
    { cache: tempFolder(), given: '', timeMs: status === 0 ? 300 : TIME_MS },
  );
  await expect(provided).rejects.toThrow(why);
});
