/**
 * Where the files of test262 come from. They are not ours to have in this
 * repository, and no npm package has them; Debian's source of an old SpiderMonkey
 * does. Fetched when a run needs them, they are kept in a folder that is ignored,
 * and only what is run of them.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '@ocap/kernel-utils';
import { repositoryRoot } from '../../support/home.ts';
import { run } from '../../support/run.ts';

export type Archive = Readonly<{
  url: string;
  bytes: number;
  sha256: string;
  /** In it, and what is needed of it. */
  folder: string;
  parts: readonly string[];
}>;

const test262: Archive = {
  url: 'http://deb.debian.org/debian/pool/main/m/mozjs78/mozjs78_78.15.0.orig.tar.xz',
  bytes: 60_013_324,
  sha256: '2f33dcb6130b08adca5d81fee9dbfcb5e87c51a4a969f46b46df61170298b4ca',
  folder: 'firefox-78.15.0/js/src/tests/test262',
  parts: ['LICENSE', 'shell.js', 'built-ins', 'language'],
};

export type Provision = Readonly<{
  /** Folder for folders of what was unpacked. */
  cache: string;
  /** Path of the archive, for whoever has it already; '' if it is to be fetched. */
  given: string;
  /** How long all of it may take. */
  timeMs: number;
}>;

/** The folder of test262. @throws with what to do if it cannot be had */
export const provideTest262 = async (timeMs: number): Promise<string> =>
  provideTests(test262, {
    cache: join(repositoryRoot, 'node_modules/.cache/test262'),
    given: process.env['OCAP_TEST262'] ?? '',
    timeMs,
  });

export const provideTests = async (
  archive: Archive,
  { cache, given, timeMs }: Provision,
): Promise<string> => {
  const place = join(cache, archive.sha256.slice(0, 16));
  if (existsSync(place)) return place;
  const end = performance.now() + timeMs;
  const timeLeftMs = (): number =>
    Math.max(1, Math.floor(end - performance.now()));
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'new-'));
  const fetched = `${place}.archive`;
  try {
    const file = given === '' ? fetched : given;
    if (file === given) {
      await insistSame(archive, given);
    } else if (!existsSync(fetched)) {
      await fetchWhole(archive, { work, fetched, timeMs: timeLeftMs() });
    }
    await unpack(archive, file, work, timeLeftMs());
    await putInPlace(join(work, archive.folder), place);
    await rm(fetched, { force: true });
    return place;
  } catch (thrown) {
    throw Error(
      `test262 is not there: ${messageOf(thrown)}. ${remedy(archive)}`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

const remedy = ({ url, bytes, sha256 }: Archive): string =>
  `Get ${url} (${bytes} bytes, SHA-256 ${sha256}) by other means, and set OCAP_TEST262 to the path of the file; or, if it only takes too long, run the check with --full once`;

/** It stays until it is unpacked, so that another run need not fetch it again. */
const fetchWhole = async (
  archive: Archive,
  to: Readonly<{ work: string; fetched: string; timeMs: number }>,
): Promise<void> => {
  const unproven = join(to.work, 'archive');
  await download(archive.url, unproven, to.timeMs);
  await insistSame(archive, unproven);
  await rename(unproven, to.fetched);
};

const download = async (
  url: string,
  file: string,
  timeMs: number,
): Promise<void> => {
  const late = AbortSignal.timeout(timeMs);
  try {
    const { ok, status, body } = await fetch(url, { signal: late });
    if (!ok || body === null) throw Error(`the server answers ${status}`);
    await pipeline(Readable.fromWeb(body), createWriteStream(file), {
      signal: late,
    });
  } catch (thrown) {
    const why = late.aborted
      ? `not within ${Math.round(timeMs / 1000)} s`
      : reasonOf(thrown);
    throw Error(`it cannot be fetched (${why})`);
  }
};

/** `fetch` says what was wrong only in the cause. */
const reasonOf = (thrown: unknown): string =>
  messageOf(
    thrown instanceof Error && thrown.cause !== undefined
      ? thrown.cause
      : thrown,
  );

/** Neither cut off nor another one. */
const insistSame = async (
  { bytes, sha256 }: Archive,
  file: string,
): Promise<void> => {
  const { size } = await stat(file);
  if (size !== bytes) throw Error(`${file} has ${size} bytes`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== sha256) throw Error(`${file} has the SHA-256 ${found}`);
};

const unpack = async (
  { folder, parts }: Archive,
  file: string,
  into: string,
  timeMs: number,
): Promise<void> => {
  const members = parts.map((part) => `${folder}/${part}`);
  const { code, stderr } = await run(
    'tar',
    ['-xf', file, '-C', into, ...members],
    {
      deadlineMs: timeMs,
    },
  );
  if (code !== 0) {
    throw Error(
      `tar, which needs xz, does not unpack it (${code === -1 ? 'not in time' : stderr.trim()})`,
    );
  }
};

/** All of it at once. Another run may have been faster. */
const putInPlace = async (folder: string, place: string): Promise<void> => {
  try {
    await rename(folder, place);
  } catch (thrown) {
    if (!existsSync(place)) throw thrown;
  }
};
