/** Purging a home: what goes, what stays, and when nothing is touched (P-10). */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deleteDaemonState } from './delete-daemon-state.ts';
import { makeTempHome } from './fixtures/temp-home.ts';
import { acquireLock } from './lock.ts';

const ours = [
  'identity.key',
  'identity.key.17',
  'kernel.sqlite',
  'kernel.sqlite-wal',
  'kernel.sqlite-shm',
  'daemon.sock',
  'daemon.pid',
  'daemon.start',
  'daemon.lock',
  'daemon.log',
  'daemon.log.1',
];
const foreign = [
  'config.json',
  'kernel.sqlites',
  'identity.keys',
  'daemon.log.txt',
  'notes',
];

const fill = (home: string): void => {
  for (const name of [...ours, ...foreign]) writeFileSync(join(home, name), '');
  mkdirSync(join(home, 'folder'));
};

it('removes what a daemon made, and nothing else', async () => {
  const { home } = makeTempHome();
  fill(home);
  await deleteDaemonState(home);
  expect(readdirSync(home).sort()).toStrictEqual([...foreign, 'folder'].sort());
});

it('removes nothing while a daemon has the lock', async () => {
  const { home, lockPath } = makeTempHome();
  fill(home);
  const before = readdirSync(home);
  const lock = await acquireLock(lockPath);
  await expect(deleteDaemonState(home)).rejects.toMatchObject({
    code: 'STILL_RUNNING',
  });
  lock?.release();
  expect(readdirSync(home)).toStrictEqual(before);
});

it('has nothing to do in a home that is not there', async () => {
  const { home } = makeTempHome();
  await deleteDaemonState(join(home, 'none'));
  expect(readdirSync(home)).toStrictEqual([]);
});
