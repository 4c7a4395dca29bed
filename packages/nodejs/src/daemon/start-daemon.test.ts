/** A daemon in this process: what is there while it runs, and what is not afterwards. */
import {
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeClient } from '../client/make-client.ts';
import { makeSmallKernel } from './fixtures/small-kernel.ts';
import { makeTempHome, makeTestLogger } from './fixtures/temp-home.ts';
import * as daemonModule from './index.ts';
import { acquireLock, isLocked } from './lock.ts';
import type { HomePaths } from './paths.ts';
import { startDaemon, type Daemon } from './start-daemon.ts';

const start = async (
  paths: HomePaths,
  onStop: () => Promise<void> = async () => undefined,
): Promise<Daemon> => {
  const daemon = await startDaemon({
    home: paths.home,
    makeKernel: async () => ({ kernel: makeSmallKernel({ onStop }) }),
    lookEveryMs: 10,
  });
  onTestFinished(async () => daemon.close().catch(() => undefined));
  return daemon;
};

const clientOf = ({ socketPath }: HomePaths): ReturnType<typeof makeClient> => {
  const client = makeClient({ socketPath, timeoutMs: 5_000 });
  onTestFinished(client.close);
  return client;
};

const expectNothingLeft = async (paths: HomePaths): Promise<void> => {
  expect(existsSync(paths.pidPath)).toBe(false);
  expect(existsSync(paths.startPath)).toBe(false);
  expect(existsSync(paths.socketPath)).toBe(false);
  expect(await isLocked(paths.lockPath)).toBe(false);
};

describe('a daemon', () => {
  it('answers, and has its files, for its owner only', async () => {
    const paths = makeTempHome();
    writeFileSync(paths.socketPath, 'left over');
    await start(paths);
    expect(await clientOf(paths).call('ping')).toBe('pong');
    expect(readFileSync(paths.pidPath, 'utf8')).toBe(`${process.pid}\n`);
    for (const path of [paths.socketPath, paths.pidPath, paths.logPath]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(statSync(paths.home).mode & 0o777).toBe(0o700);
  });

  it('is the only one of its home', async () => {
    const paths = makeTempHome();
    await start(paths);
    await expect(start(paths)).rejects.toMatchObject({
      code: 'ALREADY_RUNNING',
      message: expect.stringContaining(`pid ${process.pid}`),
    });
    expect(await clientOf(paths).call('ping')).toBe('pong');
  });

  it('answers `shutdown` and what is in flight, and leaves nothing (P-08)', async () => {
    const paths = makeTempHome();
    const daemon = await start(paths);
    const client = clientOf(paths);
    const stuck = client.call('queueMessage', ['it', 'never', []]);
    stuck.catch(() => undefined);
    expect(await client.call('shutdown')).toBeNull();
    await daemon.closed;
    await expect(stuck).rejects.toMatchObject({
      data: { code: 'SHUTTING_DOWN' },
    });
    await expectNothingLeft(paths);
  });

  it('stops once, however often it is asked (P-26)', async () => {
    const paths = makeTempHome();
    let stops = 0;
    const daemon = await start(paths, async () => {
      stops += 1;
    });
    const client = clientOf(paths);
    await client.call('ping');
    const asked = [client.call('shutdown'), client.call('shutdown')];
    // The second may come too late to be answered.
    await Promise.allSettled([...asked, daemon.close(), daemon.close()]);
    await daemon.closed;
    expect(stops).toBe(1);
    const log = readFileSync(paths.logPath, 'utf8');
    expect(log).not.toContain('ERR_SERVER_NOT_RUNNING');
    expect(log.match(/has stopped/gu)).toHaveLength(1);
  });

  it('leaves nothing even if its kernel fails to stop (P-27)', async () => {
    const paths = makeTempHome();
    const daemon = await start(paths, async () => {
      throw new Error('the disk is on fire');
    });
    await expect(daemon.close()).rejects.toThrow('on fire');
    await expect(daemon.closed).rejects.toThrow('on fire');
    await expectNothingLeft(paths);
    expect(readFileSync(paths.logPath, 'utf8')).toContain('on fire');
  });

  it.each<[string, (path: string) => void]>([
    ['deleted', (path) => rmSync(path)],
    [
      'replaced',
      (path) => {
        writeFileSync(`${path}.new`, 'not a socket');
        renameSync(`${path}.new`, path);
      },
    ],
  ])('puts its socket back where it was %s', async (_name, take) => {
    const paths = makeTempHome();
    const daemon = await start(paths);
    const before = clientOf(paths);
    await before.call('ping');
    take(paths.socketPath);
    while (!statSync(paths.socketPath, { throwIfNoEntry: false })?.isSocket()) {
      await delay(10);
    }
    expect(statSync(paths.socketPath).mode & 0o777).toBe(0o600);
    expect(await clientOf(paths).call('ping')).toBe('pong');
    // Who was connected still is.
    expect(await before.call('ping')).toBe('pong');
    await daemon.close();
    await expectNothingLeft(paths);
  });

  it('ends when its lock was deleted, and leaves the files of the next one', async () => {
    const paths = makeTempHome();
    const daemon = await start(paths);
    rmSync(paths.lockPath);
    const next = await acquireLock(paths.lockPath);
    writeFileSync(paths.pidPath, 'of the next one');
    await daemon.closed;
    expect(readFileSync(paths.pidPath, 'utf8')).toBe('of the next one');
    expect(readFileSync(paths.logPath, 'utf8')).toContain(
      'daemon.lock was deleted or replaced',
    );
    next?.release();
  });

  it('leaves nothing if its kernel cannot be made', async () => {
    const paths = makeTempHome();
    const starting = startDaemon({
      home: paths.home,
      logger: makeTestLogger(),
      makeKernel: async () => {
        throw new Error('no kernel today');
      },
    });
    await expect(starting).rejects.toThrow('no kernel today');
    await expectNothingLeft(paths);
  });
});

it('`@ocap/nodejs/daemon` exports what it promises (P-35)', () => {
  expect(daemonModule).toMatchObject({
    startDaemon: expect.any(Function),
    deleteDaemonState: expect.any(Function),
    startRpcSocketServer: expect.any(Function),
    stopDaemon: expect.any(Function),
    ensureDaemon: expect.any(Function),
    readLine: expect.any(Function),
    writeLine: expect.any(Function),
  });
});
