import {
  appendFile,
  mkdtemp,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followFile } from './follow-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocap-follow-test-'));
  path = join(folder, 'daemon.log');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('reads the whole lines that are there, however long the file', async () => {
  const lines = Array.from(
    { length: 5000 },
    (_, at) => `line ${at} ${'é'.repeat(30)}`,
  );
  await writeFile(path, `${lines.join('\n')}\nhalf`);
  const seen: string[] = [];
  const signal = new AbortController().signal;
  const options = { path, follow: false, signal };
  expect(
    await followFile({ ...options, onLines: (more) => seen.push(...more) }),
  ).toBe(true);
  expect(seen).toStrictEqual(lines);
  const last: string[] = [];
  await followFile({
    ...options,
    lastLines: 2,
    onLines: (more) => last.push(...more),
  });
  expect(last).toStrictEqual(lines.slice(-2));
});

it('says if there is no file', async () => {
  const signal = new AbortController().signal;
  expect(
    await followFile({ path, follow: true, signal, onLines: () => {} }),
  ).toBe(false);
});

it('follows across rotation and truncation until it is told to end', async () => {
  await writeFile(path, 'a\n');
  const seen: string[] = [];
  const abort = new AbortController();
  const done = followFile({
    path,
    follow: true,
    signal: abort.signal,
    onLines: (more) => seen.push(...more),
  });
  const until = async (expected: string): Promise<void> =>
    vi.waitFor(() => expect(seen.join('')).toBe(expected), { timeout: 10_000 });
  try {
    await until('a');
    await appendFile(path, 'b\n');
    await until('ab');
    await appendFile(path, 'c\n');
    await rename(path, `${path}.1`);
    await writeFile(path, 'd\n');
    await until('abcd');
    await truncate(path);
    // A look at the file in between, or "e" would seem to follow "d" in place.
    await delay(500);
    await appendFile(path, 'e\n');
    await until('abcde');
  } finally {
    abort.abort();
  }
  expect(await done).toBe(true);
});
