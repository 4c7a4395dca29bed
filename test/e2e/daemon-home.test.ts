/** What a daemon makes of its home, and that it is alone there, with the real binary. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDaemon } from '@ocap/nodejs/client';
import { describe, expect, it } from 'vitest';
import {
  daemonEntry,
  openClient,
  startDaemonOf,
  withClient,
} from '../support/daemon-client.ts';
import { daemonsOf } from '../support/daemons-of.ts';
import { withHome, type Home } from '../support/home.ts';
import { gone, isAlive, sendSignal } from '../support/processes.ts';
import { run } from '../support/run.ts';

const modeOf = (path: string): string =>
  (statSync(path).mode & 0o777).toString(8);

type LogLine = Readonly<{ level: string; time: string; msg: string }>;

const logOf = (home: Home): readonly LogLine[] =>
  readFileSync(home.logPath, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);

const countOf = (home: Home, message: string): number =>
  logOf(home).filter(({ msg }) => msg === message).length;

describe('a home', () => {
  it('has a socket, a database on disk and a log, for its owner only (P-04, P-06, P-40, P-43)', async () => {
    await withHome(async (home) => {
      await home.ocap(['daemon', 'start']);
      expect(statSync(home.socketPath).isSocket()).toBe(true);
      const header = readFileSync(home.databasePath).subarray(0, 16);
      expect(header.toString('latin1')).toBe('SQLite format 3\0');
      expect(countOf(home, 'The daemon has started.')).toBe(1);
      expect(modeOf(home.dir)).toBe('700');
      for (const name of await readdir(home.dir)) {
        expect([name, modeOf(join(home.dir, name))]).toStrictEqual([
          name,
          '600',
        ]);
      }
    });
  });

  it.skipIf(process.getuid?.() !== 0 || !existsSync('/usr/bin/setpriv'))(
    'keeps other users out, even with its folder open to all (P-43; needs root and setpriv to become another)',
    async () => {
      await withHome(async (home) => {
        await startDaemonOf(home);
        const connect = `
          const socket = require('node:net').connect(${JSON.stringify(home.socketPath)});
          socket.on('connect', () => { console.log('connected'); socket.destroy(); });
          socket.on('error', ({ code }) => console.log(code));`;
        const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
        // Not the one of this checkout: another user may have no way to it.
        const node = join(home.dir, 'node');
        const tryIt = async (): Promise<string> =>
          (
            await run('setpriv', [...nobody, node, '-e', connect], { cwd: '/' })
          ).stdout.trim();
        await run('cp', [process.execPath, node]);
        chmodSync(node, 0o755);
        chmodSync(home.dir, 0o755);
        expect(await tryIt()).toBe('EACCES');
        // The same way in is open where the mode allows it: so it is the mode.
        chmodSync(home.socketPath, 0o666);
        expect(await tryIt()).toBe('connected');
      });
    },
  );
});

describe('a daemon that is stopped', () => {
  it('leaves one whole database, and the next goes on from there (P-07, P-08, P-32)', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      expect(await home.call('counter', 'increment')).toBe(1);
      const before = (await home.json(['daemon', 'exec'])) as {
        vats: { id: string }[];
        subclusters: { id: string }[];
      };
      const pid = home.daemonPid() ?? 0;
      expect((await home.ocap(['daemon', 'stop'])).code).toBe(0);
      expect(isAlive(pid)).toBe(false);
      expect((await readdir(home.dir)).sort()).toStrictEqual([
        'daemon.lock',
        'daemon.log',
        'kernel.sqlite',
      ]);
      expect(await home.json(['daemon', 'exec'])).toMatchObject({
        vats: before.vats.map(({ id }) => ({ id })),
        subclusters: before.subclusters.map(({ id }) => ({ id })),
      });
      expect(home.daemonPid()).not.toBe(pid);
      expect(await home.call('counter', 'increment')).toBe(2);
      expect(logOf(home).filter(({ level }) => level !== 'info')).toStrictEqual(
        [],
      );
    });
  });

  it('stops once when RPC, SIGTERM and SIGINT come together (P-26)', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      await home.call('counter', 'increment');
      const pid = home.daemonPid() ?? 0;
      await withClient(home, async (client) => {
        await client.rpc('ping');
        const asked = client.rpc('shutdown').catch(() => undefined);
        sendSignal(pid, 'SIGTERM');
        sendSignal(pid, 'SIGINT');
        await asked;
        await gone(pid);
      });
      expect(countOf(home, 'The daemon is stopping.')).toBe(1);
      expect(countOf(home, 'The daemon has stopped.')).toBe(1);
      expect(logOf(home).filter(({ level }) => level !== 'info')).toStrictEqual(
        [],
      );
      expect(existsSync(home.socketPath)).toBe(false);
      expect(await home.call('counter', 'increment')).toBe(2);
    });
  });

  it('is stopped also when it is stopped in its tracks (P-23)', async () => {
    await withHome(async (home) => {
      const pid = await startDaemonOf(home);
      sendSignal(pid, 'SIGSTOP');
      expect(await home.json(['daemon', 'stop'])).toMatchObject({
        status: 'stopped',
        stage: 'sigkill',
      });
      expect(isAlive(pid)).toBe(false);
    });
  });
});

describe('one daemon a home', () => {
  it('is all that twenty commands start at once (P-16, P-44)', async () => {
    await withHome(async (home) => {
      const runs = await Promise.all(
        Array.from({ length: 20 }, async () => home.ocap(['daemon', 'exec'])),
      );
      for (const { code, stderr, stdout } of runs) {
        expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
        expect(JSON.parse(stdout)).toMatchObject({ vats: [] });
      }
      if (process.platform === 'linux') {
        expect(daemonsOf(home.dir)).toStrictEqual([home.daemonPid()]);
      }
      expect(countOf(home, 'The daemon has started.')).toBe(1);
    });
  });

  it('is started by the next command, however soon it comes after kill -9 (P-16)', async () => {
    await withHome(async (home) => {
      for (let round = 0; round < 5; round += 1) {
        const pid = await startDaemonOf(home);
        sendSignal(pid, 'SIGKILL');
        const { code, stderr } = await home.ocap(['daemon', 'exec', 'ping']);
        expect({ round, code, stderr }).toStrictEqual({
          round,
          code: 0,
          stderr: '',
        });
        expect(home.daemonPid()).not.toBe(pid);
      }
    });
  });

  it('is started for a program that asks once the last one is dead (P-16)', async () => {
    await withHome(async (home) => {
      // A killed process may be a zombie while its socket still takes connections.
      for (let round = 0; round < 8; round += 1) {
        await home.killDaemon();
        await ensureDaemon({ home: home.dir, entry: daemonEntry });
        const client = openClient(home);
        const said = await client.rpc('ping').catch(String);
        client.close();
        expect({ round, said }).toStrictEqual({ round, said: 'pong' });
      }
    });
  });

  it('knows nothing of the one in another home (P-41)', async () => {
    await withHome(async (one) => {
      await withHome(async (other) => {
        await one.json(['launch', 'examples/counter']);
        await other.json(['launch', 'examples/counter']);
        expect(await one.call('counter', 'increment', 5)).toBe(5);
        expect(await other.call('counter', 'increment')).toBe(1);
        // `--home` says the same as `$OCAP_HOME`, and louder.
        const words = ['call', 'counter', 'read', '--home', other.dir];
        expect(await one.json(words)).toBe(1);
        expect(one.daemonPid()).not.toBe(other.daemonPid());
        await one.json(['daemon', 'stop']);
        expect(await other.call('counter', 'increment')).toBe(2);
      });
    });
  });

  it('is not looked for in a stranger that has its pid (P-47)', async () => {
    await withHome(async (home) => {
      const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
      try {
        await startDaemonOf(home);
        await home.killDaemon();
        await writeFile(join(home.dir, 'daemon.pid'), `${stranger.pid}\n`);
        for (const command of [['stop'], ['purge', '--force']]) {
          const { code } = await home.ocap(['daemon', ...command]);
          expect(code).toBe(0);
        }
        expect(stranger.exitCode).toBeNull();
        expect(stranger.signalCode).toBeNull();
        expect(isAlive(stranger.pid ?? 0)).toBe(true);
      } finally {
        // Before the home is closed, which ends whatever its pid file names.
        stranger.kill('SIGKILL');
      }
    });
  });
});
