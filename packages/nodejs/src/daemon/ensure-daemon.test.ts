/** Starting real daemon processes: once, detached, and with a reason when not. */
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeClient, type Client } from '../client/make-client.ts';
import { ensureDaemon } from './ensure-daemon.ts';
import { makeTempHome, runFixture } from './fixtures/temp-home.ts';
import { isLocked } from './lock.ts';
import type { HomePaths } from './paths.ts';
import { findDaemon, isAlive } from './pid-file.ts';
import { stopDaemon } from './stop-daemon.ts';

const fakeDaemon = new URL('fixtures/fake-daemon.ts', import.meta.url);

const entry = fileURLToPath(
  new URL('fixtures/small-daemon.ts', import.meta.url),
);

const clientOf = ({ socketPath }: HomePaths): Client => {
  const client = makeClient({ socketPath, timeoutMs: 5_000 });
  onTestFinished(client.close);
  return client;
};

const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8').trim().split('\n');

describe('ensureDaemon', () => {
  it('starts a daemon that answers, and finds it the next time', async () => {
    const paths = makeTempHome();
    const { home } = paths;
    const { started, pid } = await ensureDaemon({ home, entry });
    expect(started).toBe(true);
    expect(await clientOf(paths).call('ping')).toBe('pong');
    expect(readFileSync(paths.pidPath, 'utf8')).toBe(`${pid}\n`);
    expect(await ensureDaemon({ home, entry })).toStrictEqual({
      started: false,
      pid,
    });
    expect(await stopDaemon({ home })).toStrictEqual({
      stopped: true,
      stage: 'rpc',
      pid,
    });
  });

  it('starts one daemon, however many ask at once (P-44)', async () => {
    const { home, logPath } = makeTempHome();
    // All settled, so that also when one fails none is still starting afterwards.
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, async () => ensureDaemon({ home, entry })),
    );
    const all = outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason as Error;
      return outcome.value;
    });
    expect(all.filter(({ started }) => started)).toHaveLength(1);
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
    const starts = linesOf(logPath).filter((line) =>
      line.includes('has started'),
    );
    expect(starts).toHaveLength(1);
  }, 60_000);

  it('starts a new one at once after kill -9', async () => {
    const paths = makeTempHome();
    const { home } = paths;
    const first = await ensureDaemon({ home, entry });
    process.kill(first.pid ?? 0, 'SIGKILL');
    while (await isLocked(paths.lockPath)) await new Promise(setImmediate);
    const second = await ensureDaemon({ home, entry });
    expect(second.started).toBe(true);
    expect(second.pid).not.toBe(first.pid);
    expect(await clientOf(paths).call('ping')).toBe('pong');
  });

  it('does not take stuck for absent', async () => {
    const { home } = makeTempHome();
    const daemon = await runFixture(fakeDaemon, [home, 'rpc']);
    daemon.kill('SIGSTOP');
    expect(await ensureDaemon({ home, entry })).toStrictEqual({
      started: false,
      pid: daemon.pid,
    });
  });

  it.each([
    ['says nothing', ''],
    ['talks of something else', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])(
    'does not take a stranger for it who has its socket and %s',
    async (_name, answer) => {
      const { home, socketPath } = makeTempHome();
      const stranger = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.on('data', () => socket.write(answer));
      });
      // A server deletes the name under which it was made; this one is the daemon's then.
      stranger.listen(`${socketPath}.made`);
      await once(stranger, 'listening');
      renameSync(`${socketPath}.made`, socketPath);
      onTestFinished(() => void stranger.close());
      expect(await ensureDaemon({ home, entry })).toMatchObject({
        started: true,
      });
    },
  );

  it.each([
    ['dies', 'process.exit(3)', 'it ended before it was ready'],
    [
      'says why it cannot start',
      `import fs from 'node:fs'; fs.writeSync(3, '{"problem":"no disk"}\\n')`,
      'no disk',
    ],
  ])('tells of a daemon that %s', async (_name, code, problem) => {
    const { home } = makeTempHome();
    const bad = join(home, 'bad.mjs');
    writeFileSync(bad, code);
    await expect(ensureDaemon({ home, entry: bad })).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining(problem),
    });
  });

  it('does not wait for ever for a daemon that says nothing', async () => {
    const { home } = makeTempHome();
    const mute = join(home, 'mute.mjs');
    writeFileSync(mute, 'setTimeout(() => {}, 400);');
    await expect(
      ensureDaemon({ home, entry: mute, timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'START_TIMEOUT' });
  });
});

describe('the process of a daemon', () => {
  it('ends at a defect of its own, leaves no pid file, and logs the stack', async () => {
    const paths = makeTempHome();
    await ensureDaemon({ home: paths.home, entry });
    const daemon = findDaemon(paths);
    const call = clientOf(paths).call('queueMessage', ['it', 'crash', []]);
    await expect(call).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    while (daemon !== undefined && isAlive(daemon)) await delay(5);
    expect(existsSync(paths.pidPath)).toBe(false);
    expect(existsSync(paths.socketPath)).toBe(false);
    expect(JSON.parse(linesOf(paths.logPath).at(-1) ?? '')).toMatchObject({
      level: 'error',
      err: {
        message: 'a defect',
        stack: expect.stringContaining('small-kernel.ts'),
      },
    });
  });

  it('stops once when RPC, SIGTERM and SIGINT come together (P-26)', async () => {
    const paths = makeTempHome();
    const { pid = 0 } = await ensureDaemon({ home: paths.home, entry });
    const daemon = findDaemon(paths);
    const client = clientOf(paths);
    await client.call('ping');
    const asked = client.call('shutdown');
    process.kill(pid, 'SIGTERM');
    process.kill(pid, 'SIGINT');
    await asked.catch(() => undefined);
    while (daemon !== undefined && isAlive(daemon)) {
      await delay(5);
    }
    expect(findDaemon(paths)).toBeUndefined();
    expect(
      linesOf(paths.logPath).map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { level: 'info', msg: 'The daemon has started.' },
      { level: 'info', msg: 'The daemon is stopping.' },
      { level: 'info', msg: 'The daemon has stopped.' },
    ]);
  });
});
