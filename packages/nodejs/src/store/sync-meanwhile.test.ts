import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { syncedMeanwhile } from './sync-meanwhile.ts';

/** Longer than the thread waits before it syncs for the first time. */
const WRITING_MS = 300;

const openFile = (): number => {
  const fd = openSync(join(tempFolder(), 'file'), 'w');
  onTestFinished(() => closeSync(fd));
  return fd;
};

const writeForAWhile = (fd: number): void => {
  const end = performance.now() + WRITING_MS;
  while (performance.now() < end) writeSync(fd, 'x'.repeat(4096));
};

/** How many threads of this process sync a file. */
const threads = (): number =>
  readdirSync('/proc/self/task').filter((id) => nameOf(id) === 'ocap-sync')
    .length;

const nameOf = (thread: string): string => {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim();
  } catch {
    return ''; // it has ended meanwhile
  }
};

describe.runIf(process.platform === 'linux')('a file that is synced', () => {
  it('has a thread until all is written', async () => {
    const fd = openFile();
    let during = 0;
    syncedMeanwhile(fd, () => {
      writeForAWhile(fd);
      during = threads();
    });
    expect(during).toBe(1);
    await expect.poll(threads).toBe(0);
  });

  it('has none when the writing fails, which is told', async () => {
    const fd = openFile();
    const fail = (): void => {
      writeForAWhile(fd);
      throw Error('no room');
    };
    expect(() => syncedMeanwhile(fd, fail)).toThrow('no room');
    await expect.poll(threads).toBe(0);
  });

  it('is written all the same where it cannot be synced', async () => {
    const fd = openFile();
    let isWritten = false;
    syncedMeanwhile(-1, () => {
      writeForAWhile(fd);
      isWritten = true;
    });
    expect(isWritten).toBe(true);
    await expect.poll(threads).toBe(0);
  });
});
