/** Stopping real processes with all kinds of manners (P-22 to P-25, P-47). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeTempHome, runFixture } from './fixtures/temp-home.ts';
import { stopDaemon } from './stop-daemon.ts';

const fakeDaemon = new URL('fixtures/fake-daemon.ts', import.meta.url);
const pidThief = new URL('fixtures/pid-thief.ts', import.meta.url);

// Shorter than in life, so that the stubborn ones do not take long.
const impatient = { graceMs: 300, signalMs: 300, pingTimeoutMs: 300 };

describe('stopDaemon', () => {
  it.each(['rpc', 'sigterm', 'sigkill'] as const)(
    'ends a daemon that takes %s, and says so (P-22)',
    async (manners) => {
      const paths = makeTempHome();
      const { home } = paths;
      const daemon = await runFixture(fakeDaemon, [home, manners]);
      const exited = once(daemon, 'exit');
      expect(await stopDaemon({ home, ...impatient })).toStrictEqual({
        stopped: true,
        stage: manners,
        pid: daemon.pid,
      });
      await exited;
      expect(existsSync(paths.pidPath)).toBe(false);
      expect(existsSync(paths.socketPath)).toBe(false);
    },
  );

  it('ends a daemon that is stopped in its tracks (P-23)', async () => {
    const { home } = makeTempHome();
    const daemon = await runFixture(fakeDaemon, [home, 'rpc']);
    daemon.kill('SIGSTOP');
    const { stopped, stage } = await stopDaemon({ home, ...impatient });
    expect({ stopped, stage }).toStrictEqual({
      stopped: true,
      stage: 'sigkill',
    });
  });

  it('asks a daemon that does not answer for 3 s, not for 30 (P-24)', async () => {
    const { home } = makeTempHome();
    const daemon = await runFixture(fakeDaemon, [home, 'rpc']);
    daemon.kill('SIGSTOP');
    const signals: string[] = [];
    const began = Date.now();
    await stopDaemon({
      home,
      signalMs: 100,
      kill: (pid, signal) => {
        signals.push(`${signal} ${Date.now() - began < 5_000}`);
        process.kill(pid, signal);
      },
    });
    expect(signals).toStrictEqual(['SIGTERM true', 'SIGKILL true']);
  });

  it('says so if the process survives (P-12, P-25)', async () => {
    const { home } = makeTempHome();
    const daemon = await runFixture(fakeDaemon, [home, 'sigkill']);
    daemon.kill('SIGSTOP');
    const result = await stopDaemon({
      home,
      ...impatient,
      kill: () => undefined,
    });
    expect(result).toStrictEqual({
      stopped: false,
      stage: 'sigkill',
      pid: daemon.pid,
    });
  });

  it.each(['without a pid file', 'with one that is stale'])(
    'has nothing to stop where nothing runs, %s',
    async (how) => {
      const paths = makeTempHome();
      if (how !== 'without a pid file') {
        writeFileSync(paths.pidPath, '999999999\n');
        writeFileSync(paths.startPath, '{"pid":999999999,"startedAt":"x"}');
      }
      const { home } = paths;
      expect(await stopDaemon({ home })).toStrictEqual({
        stopped: true,
        stage: 'not-running',
      });
      expect(existsSync(paths.pidPath)).toBe(false);
    },
  );

  it('leaves a stranger alone who was given the pid (P-47)', async () => {
    const paths = makeTempHome();
    const stranger = spawn('sleep', ['60']);
    onTestFinished(() => void stranger.kill('SIGKILL'));
    writeFileSync(paths.pidPath, `${stranger.pid}\n`);
    const { home } = paths;
    for (const start of [
      undefined,
      `{"pid":${stranger.pid},"startedAt":"x"}`,
    ]) {
      if (start !== undefined) writeFileSync(paths.startPath, start);
      expect(await stopDaemon({ home, ...impatient })).toMatchObject({
        stopped: true,
        stage: 'not-running',
      });
    }
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it.runIf(process.platform === 'linux')(
    'leaves a process alone that the pid file names, but that has no lock',
    async () => {
      const { home } = makeTempHome();
      const thief = await runFixture(pidThief, [home]);
      expect(await stopDaemon({ home, ...impatient })).toStrictEqual({
        stopped: true,
        stage: 'not-running',
      });
      const daemon = await runFixture(fakeDaemon, [home, 'rpc']);
      const exited = once(daemon, 'exit');
      const another = await runFixture(pidThief, [home]);
      expect(await stopDaemon({ home, ...impatient })).toStrictEqual({
        stopped: true,
        stage: 'rpc',
      });
      await exited;
      for (const { exitCode, signalCode } of [thief, another]) {
        expect(exitCode ?? signalCode).toBeNull();
      }
    },
  );

  it.runIf(process.platform === 'linux')(
    'waits for nothing that a daemon that is stopped in its tracks cannot do',
    async () => {
      const { home } = makeTempHome();
      const daemon = await runFixture(fakeDaemon, [home, 'rpc']);
      daemon.kill('SIGSTOP');
      const never = { signalMs: 1e9, killAfterMs: 1e9 };
      const options = { home, ...impatient, ...never };
      expect(await stopDaemon(options)).toMatchObject({
        stopped: true,
        stage: 'sigkill',
      });
    },
  );

  it('kills after a while, however long each step would take', async () => {
    const { home } = makeTempHome();
    await runFixture(fakeDaemon, [home, 'sigkill']);
    const never = 1e9;
    const result = await stopDaemon({
      home,
      graceMs: never,
      signalMs: never,
      killAfterMs: 300,
    });
    expect(result).toMatchObject({ stopped: true, stage: 'sigkill' });
  });

  it('asks a daemon whose pid file was removed, and signals nobody', async () => {
    const paths = makeTempHome();
    const { home } = paths;
    const kind = await runFixture(fakeDaemon, [home, 'rpc']);
    rmSync(paths.pidPath);
    expect(await stopDaemon({ home, ...impatient })).toStrictEqual({
      stopped: true,
      stage: 'rpc',
    });
    if (kind.exitCode === null) await once(kind, 'exit');
    const unkind = await runFixture(fakeDaemon, [home, 'sigterm']);
    rmSync(paths.pidPath);
    expect(await stopDaemon({ home, ...impatient })).toStrictEqual({
      stopped: false,
      stage: 'rpc',
    });
    expect(unkind.exitCode).toBeNull();
  });
});
