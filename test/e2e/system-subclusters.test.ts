/** Subclusters and limits that `config.json` in the home declares. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startDaemonOf } from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';

type Status = {
  subclusters: { id: string; system?: string; rootKref: string }[];
};

const declare = (home: Home, config: unknown): void =>
  writeFileSync(join(home.dir, 'config.json'), JSON.stringify(config));
const counter = {
  bootstrap: 'main',
  vats: { main: { sourceSpec: './counter.js' } },
};
const subclusters = async (home: Home): Promise<Status['subclusters']> =>
  ((await home.json(['daemon', 'exec', 'getStatus'])) as Status).subclusters;
const restart = async (home: Home): Promise<void> => {
  await home.ocap(['daemon', 'stop']);
  await home.ocap(['daemon', 'start']);
};

describe('a system subcluster of config.json (V-16)', () => {
  it('is there after the start, keeps its state, is not doubled, and goes with its entry', async () => {
    await withHome(async (home) => {
      cpSync('examples/counter/counter.js', join(home.dir, 'counter.js'));
      declare(home, { systemSubclusters: { tally: counter } });
      const [first] = await subclusters(home);
      expect(first).toMatchObject({ id: 's1', system: 'tally' });
      const root = first?.rootKref as string;
      expect(await home.call(root, 'increment')).toBe(1);
      await restart(home);
      expect(await subclusters(home)).toMatchObject([{ id: 's1' }]);
      expect(await home.call(root, 'increment')).toBe(2);
      await home.killDaemon();
      expect(await subclusters(home)).toHaveLength(1);
      expect(await home.call(root, 'increment')).toBe(3);

      declare(home, {
        systemSubclusters: { tally: { ...counter, forceReset: true } },
      });
      await restart(home);
      const [anew] = await subclusters(home);
      expect(anew).toMatchObject({ id: 's2', system: 'tally' });
      expect(await home.call(anew?.rootKref as string, 'increment')).toBe(1);

      declare(home, {});
      await restart(home);
      expect(await subclusters(home)).toStrictEqual([]);
    });
  });

  it('that cannot start is told in the log, and the others run', async () => {
    await withHome(async (home) => {
      cpSync('examples/counter/counter.js', join(home.dir, 'counter.js'));
      declare(home, {
        systemSubclusters: {
          broken: { bootstrap: 'a', vats: { a: { sourceSpec: './no.js' } } },
          tally: counter,
        },
      });
      expect(await subclusters(home)).toMatchObject([{ system: 'tally' }]);
      expect(readFileSync(home.logPath, 'utf8')).toMatch(
        /the system subcluster broken did not start/u,
      );
    });
  });
});

describe('limits of config.json', () => {
  it('hold in this daemon', async () => {
    await withHome(async (home) => {
      declare(home, { limits: { messageSlots: 1 } });
      const { code, stderr } = await home.ocap(['launch', 'examples/greeter']);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/limit messageSlots was reached/u);
    });
  });

  it('hold at the socket', async () => {
    await withHome(async (home) => {
      declare(home, { limits: { lineBytes: 1000, connections: 2 } });
      await startDaemonOf(home);
      const open = (): Socket =>
        connect({ path: home.socketPath, allowHalfOpen: true });
      const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
      const long = open();
      long.end(ping.padEnd(1001));
      expect(await text(long)).toContain('longer than 1000 bytes');
      const held = [open(), open()];
      for (const socket of held) {
        socket.write(`${ping}\n`);
        await once(socket, 'data');
      }
      expect(await text(open())).toContain('at most 2 connections');
      for (const socket of held) socket.destroy();
    });
  });

  it('that do not exist keep the daemon from starting, with the reason', async () => {
    await withHome(async (home) => {
      declare(home, { limits: { nope: 1 } });
      const { code, stderr } = await home.ocap(['daemon', 'start']);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(
        /config\.json cannot be used: there is no limit "nope"/u,
      );
    });
  });
});
