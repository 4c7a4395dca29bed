/** The lock between processes: one holder, and none that outlives its process. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { makeTempHome, runFixture } from './fixtures/temp-home.ts';
import { acquireLock, isLocked } from './lock.ts';

const fakeDaemon = new URL('fixtures/fake-daemon.ts', import.meta.url);

it('is had by one at a time', async () => {
  const { lockPath } = makeTempHome();
  expect(await isLocked(lockPath)).toBe(false);
  const lock = await acquireLock(lockPath);
  expect(await isLocked(lockPath)).toBe(true);
  expect(await acquireLock(lockPath)).toBeUndefined();
  lock?.release();
  expect(await isLocked(lockPath)).toBe(false);
  const again = await acquireLock(lockPath);
  expect(again).toBeDefined();
  again?.release();
});

it('is had by one of two processes, and free at once after kill -9', async () => {
  const { home, lockPath } = makeTempHome();
  const holder = await runFixture(fakeDaemon, [home, 'rpc']);
  expect(await isLocked(lockPath)).toBe(true);
  expect(await acquireLock(lockPath)).toBeUndefined();
  const second = await runFixture(fakeDaemon, [home, 'rpc']);
  expect(second.exitCode).toBe(3);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await acquireLock(lockPath);
  expect(lock).toBeDefined();
  lock?.release();
});

it('is readable by its owner only', async () => {
  const { lockPath } = makeTempHome();
  const lock = await acquireLock(lockPath);
  expect(statSync(lockPath).mode & 0o777).toBe(0o600);
  lock?.release();
});

it('can be had anew when its file was removed', async () => {
  const { lockPath } = makeTempHome();
  const lock = await acquireLock(lockPath);
  rmSync(lockPath);
  lock?.release();
  expect(await isLocked(lockPath)).toBe(false);
});

it('is lost when its file is deleted, also when another takes its name', async () => {
  const { lockPath } = makeTempHome();
  const lock = await acquireLock(lockPath);
  expect(lock?.isLost()).toBe(false);
  rmSync(lockPath);
  expect(lock?.isLost()).toBe(true);
  const another = await acquireLock(lockPath);
  expect([lock?.isLost(), another?.isLost()]).toStrictEqual([true, false]);
  lock?.release();
  another?.release();
});

it.each([
  ['words', 'not a lock'.repeat(500)],
  ['the beginning of a database', `SQLite format 3\0${'x'.repeat(5000)}`],
])('is had although somebody has written %s into it', async (_name, text) => {
  const { home, lockPath } = makeTempHome();
  writeFileSync(lockPath, text);
  expect(await isLocked(lockPath)).toBe(false);
  const holder = await runFixture(fakeDaemon, [home, 'rpc']);
  expect(holder.exitCode).toBeNull();
  expect(await acquireLock(lockPath)).toBeUndefined();
  // Nor does it let go because of what is written now.
  writeFileSync(lockPath, text);
  expect(await isLocked(lockPath)).toBe(true);
  expect(await acquireLock(lockPath)).toBeUndefined();
});
