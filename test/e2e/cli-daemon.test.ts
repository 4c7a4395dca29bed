/** `ocap daemon …`, with the real binary (P-01 to P-03, P-09 to P-16, P-19, P-20). */
import { existsSync, readdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ocapBin, withHome, type Home } from '../support/home.ts';
import { isAlive, sendSignal } from '../support/processes.ts';
import { run } from '../support/run.ts';

const pidOf = (home: Home): number => {
  const pid = home.daemonPid();
  if (pid === undefined) throw new Error('No daemon runs in this home');
  return pid;
};

describe('daemon start', () => {
  it('starts one that outlives its shell, and a second time says that it runs (P-01, P-02, P-03)', async () => {
    await withHome(async (home) => {
      const command = `"${process.execPath}" "${ocapBin}" daemon start`;
      const first = await run('bash', ['-c', command], { env: home.env });
      expect(first).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(first.stdout)).toMatchObject({ status: 'started' });
      const pid = pidOf(home);

      const second = await home.ocap(['daemon', 'start']);
      expect(second.code).toBe(0);
      expect(JSON.parse(second.stdout)).toStrictEqual({
        status: 'already running',
        pid,
        home: home.dir,
      });
      expect((await home.ocap(['daemon', 'exec'])).code).toBe(0);
      expect(home.daemonPid()).toBe(pid);
    });
  });
});

describe('daemon stop', () => {
  it('stops it; where nothing runs, that is no error (P-09)', async () => {
    await withHome(async (home) => {
      const idle = await home.ocap(['daemon', 'stop']);
      expect(idle.code).toBe(0);
      expect(idle.stdout).toContain('not running');
      await home.ocap(['daemon', 'start']);
      const pid = pidOf(home);
      const stopped = await home.json(['daemon', 'stop']);
      expect(stopped).toMatchObject({ status: 'stopped', stage: 'rpc' });
      expect(isAlive(pid)).toBe(false);
    });
  });
});

describe('daemon status', () => {
  it('tells whether it runs, and starts nothing', async () => {
    await withHome(async (home) => {
      expect(await home.json(['daemon', 'status'])).toMatchObject({
        status: 'not running',
      });
      expect(readdirSync(home.dir)).toStrictEqual([]);
      await home.ocap(['daemon', 'start']);
      expect(await home.json(['daemon', 'status'])).toMatchObject({
        status: 'running',
        pid: pidOf(home),
        vats: 0,
      });
    });
  });

  it('tells a daemon that is stuck from one that is absent', async () => {
    await withHome(async (home) => {
      await home.ocap(['daemon', 'start']);
      const pid = pidOf(home);
      sendSignal(pid, 'SIGSTOP');
      try {
        const { code, stdout } = await home.ocap(['daemon', 'status']);
        expect(code).toBe(1);
        expect(JSON.parse(stdout)).toMatchObject({
          status: 'not answering',
          pid,
        });
      } finally {
        sendSignal(pid, 'SIGCONT');
      }
    });
  });
});

describe('daemon purge', () => {
  it.each(['purge', 'begone'])(
    '%s --force stops it and deletes what it kept, and nothing else (P-10, P-13)',
    async (name) => {
      await withHome(async (home) => {
        await home.ocap(['daemon', 'start']);
        const pid = pidOf(home);
        await rename(home.logPath, join(home.dir, 'mine.txt'));
        const { code } = await home.ocap(['daemon', name, '--force']);
        expect(code).toBe(0);
        expect(isAlive(pid)).toBe(false);
        expect(readdirSync(home.dir)).toStrictEqual(['mine.txt']);
      });
    },
  );

  it('refuses without --force, and touches nothing (P-11)', async () => {
    await withHome(async (home) => {
      await home.ocap(['daemon', 'start']);
      const pid = pidOf(home);
      const { code, stderr, stdout } = await home.ocap(['daemon', 'purge']);
      expect(code).not.toBe(0);
      expect(stderr).toContain('--force');
      expect(stdout).toBe('');
      expect(isAlive(pid)).toBe(true);
      expect(existsSync(home.databasePath)).toBe(true);
    });
  });
});

describe('daemon exec', () => {
  it('starts the daemon, and without a method asks for its status (P-14, P-15, P-16)', async () => {
    await withHome(async (home) => {
      const cold = await home.json(['daemon', 'exec']);
      expect(home.daemonPid()).toBeDefined();
      expect(cold).toMatchObject({ vats: [], subclusters: [] });
      const named = await home.json(['daemon', 'exec', 'getStatus']);
      expect(Object.keys(named as object)).toStrictEqual(
        Object.keys(cold as object),
      );
    });
  });

  it('sends nothing and starts nothing if the params are not JSON (P-19)', async () => {
    await withHome(async (home) => {
      const { code, stderr } = await home.ocap(['daemon', 'exec', 'x', '{']);
      expect(code).not.toBe(0);
      expect(stderr).toContain('invalid JSON');
      expect(readdirSync(home.dir)).toStrictEqual([]);
    });
  });

  it('says that a method does not exist (P-20)', async () => {
    await withHome(async (home) => {
      const { code, stderr, stdout } = await home.ocap([
        'daemon',
        'exec',
        'nope',
      ]);
      expect(code).not.toBe(0);
      expect(stderr).toContain('-32601');
      expect(stdout).toBe('');
      const json = await home.ocap(['--json', 'daemon', 'exec', 'nope']);
      expect(JSON.parse(json.stderr)).toMatchObject({
        error: { code: -32601 },
      });
    });
  });
});
