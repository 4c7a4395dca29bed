/** Subscriptions with the real daemon: at its socket, with its client, and as `ocap daemon events` (V-25). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { makeClient, type DaemonEvent } from '@ocap/nodejs/client';
import { describe, expect, it, vi } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { startDaemonOf, withClient } from '../support/daemon-client.ts';
import { ocapBin, withHome, type Home } from '../support/home.ts';

const bundleSpec = vatSource(`return makeDefaultExo('Root', {
  say: (text) => { console.warn(text); console.log('and', text); },
  kept: () => makeDefaultExo('Kept', {}),
});`);
const config = { bootstrap: 'main', vats: { main: { bundleSpec } } };

type Wire = Readonly<{
  socket: Socket;
  /** Every line that has come. */
  lines: Record<string, unknown>[];
  send(id: number, method: string, params?: unknown): void;
}>;

const withWire = async (
  home: Home,
  use: (wire: Wire) => Promise<void>,
): Promise<void> => {
  const socket = connect(home.socketPath);
  socket.on('error', () => undefined);
  const lines: Wire['lines'] = [];
  createInterface({ input: socket }).on('line', (line) => {
    lines.push(JSON.parse(line));
  });
  try {
    await use({
      socket,
      lines,
      send: (id, method, params = []) =>
        void socket.write(
          `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`,
        ),
    });
  } finally {
    socket.destroy();
  }
};

const kindOf = ({ topic, type }: DaemonEvent): string => `${topic} ${type}`;

/** Collects; each subscription ends with its client. */
const subscribed = async (
  home: Home,
  topics: readonly string[],
  options: Readonly<{ cursor?: string; level?: 'warn' }> = {},
): Promise<Readonly<{ told: DaemonEvent[]; close(): void }>> => {
  const client = makeClient({ socketPath: home.socketPath });
  const told: DaemonEvent[] = [];
  await client.subscribe(topics, {
    ...options,
    onEvent: (event) => {
      told.push(event);
    },
  });
  return { told, close: client.close };
};

describe('a subscription at the socket', () => {
  it('V-25: is answered, then told of what happens, one notification a line', async () => {
    await withHome(async (home) => {
      await startDaemonOf(home);
      await withWire(home, async ({ lines, send }) => {
        const topics = ['vat', 'subcluster', 'grant'];
        // In one write: nothing that the launch does may come before the answer.
        send(1, 'subscribe', { topics });
        send(2, 'launchSubcluster', { config });
        await vi.waitFor(() => expect(lines).toHaveLength(4), 30_000);
        const events = lines.filter(({ method }) => method === 'event');
        expect(lines[0]).toStrictEqual({
          jsonrpc: '2.0',
          id: 1,
          result: { subscription: 'sub1', cursor: 'e0' },
        });
        expect(events).toStrictEqual([
          {
            jsonrpc: '2.0',
            method: 'event',
            params: {
              subscription: 'sub1',
              cursor: expect.stringMatching(/^e1\.\d+$/u),
              at: expect.any(Number),
              topic: 'vat',
              type: 'launched',
              vat: 'v1',
              name: 'main',
              subclusterId: 's1',
            },
          },
          {
            jsonrpc: '2.0',
            method: 'event',
            params: expect.objectContaining({
              topic: 'subcluster',
              type: 'launched',
              subclusterId: 's1',
            }),
          },
        ]);
        send(3, 'unsubscribe', ['sub1']);
        send(4, 'terminateVat', ['v1']);
        await vi.waitFor(() => expect(lines).toHaveLength(6), 30_000);
        expect(lines.slice(4)).toMatchObject([{ id: 3 }, { id: 4 }]);
      });
    });
  });

  it('V-25: tells of upgrade, revocation and end, whoever causes them', async () => {
    await withHome(async (home) => {
      await withClient(home, async (client) => {
        const { told, close } = await subscribed(home, ['vat', 'grant']);
        try {
          const launched = await client.rpc('launchSubcluster', { config });
          const { rootKref } = launched as { rootKref: string };
          const { slots } = await client.send(rootKref, 'kept', []);
          await client.rpc('upgradeVat', { id: 'v1', bundleSpec });
          await client.rpc('revoke', [...slots]);
          await client.rpc('terminateAllVats');
          await vi.waitFor(() => {
            expect(
              told
                .filter(({ type }) => type !== 'lost its process')
                .map(kindOf),
            ).toStrictEqual([
              'vat launched',
              'vat upgraded',
              'grant revoked',
              'vat terminated',
            ]);
          }, 30_000);
        } finally {
          close();
        }
      });
    });
  });

  it('V-25: ends when its client closes its half, and harms nobody', async () => {
    await withHome(async (home) => {
      await withClient(home, async (client) => {
        await withWire(home, async ({ socket, lines, send }) => {
          send(1, 'subscribe', { topics: ['vat', 'log'] });
          socket.end();
          await once(socket, 'close');
          expect(lines).toHaveLength(1);
        });
        await client.rpc('launchSubcluster', { config });
        expect(await client.rpc('audit')).toMatchObject({ ok: true });
      });
    });
  });

  it('V-25: tells of the log by level, and of a restart as a gap', async () => {
    await withHome(async (home) => {
      await startDaemonOf(home);
      const warnings = await subscribed(home, ['log'], { level: 'warn' });
      const both = await subscribed(home, ['vat', 'log']);
      try {
        await withClient(home, async (client) => {
          const launched = await client.rpc('launchSubcluster', { config });
          const { rootKref } = launched as { rootKref: string };
          await client.call(rootKref, 'say', 'hello');
        });
        const hello = {
          topic: 'log',
          type: 'warn',
          message: 'hello',
          fields: { vat: 'v1', name: 'main' },
        };
        await vi.waitFor(() => {
          expect(both.told.at(-1)).toMatchObject({ message: 'and hello' });
          expect(warnings.told).toMatchObject([hello]);
        }, 30_000);
        expect(both.told).toMatchObject([
          { topic: 'vat', type: 'launched' },
          hello,
          { type: 'info', message: 'and hello' },
        ]);
        await home.killDaemon();
        await startDaemonOf(home);
        await vi.waitFor(() => {
          expect(both.told.slice(3, 5)).toMatchObject([
            { topic: 'log', type: 'gap', reason: 'the daemon was restarted' },
            { topic: 'log', message: 'The daemon has started.' },
          ]);
          expect(warnings.told.slice(1).map(kindOf)).toStrictEqual(['log gap']);
        }, 30_000);
      } finally {
        warnings.close();
        both.close();
      }
    });
  });
});

describe('daemon events', () => {
  type Line = Readonly<{ topic: string; type: string; cursor: string }>;
  const linesOf = (stdout: string): Line[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);

  it('prints what has happened, or what has since', async () => {
    await withHome(async (home) => {
      const events = async (...options: string[]): Promise<Line[]> => {
        const { stdout, stderr, code } = await home.ocap([
          'daemon',
          'events',
          ...options,
        ]);
        expect([code, stderr]).toStrictEqual([0, '']);
        return linesOf(stdout);
      };
      expect(await events()).toStrictEqual([]);
      await home.json(['launch', 'examples/counter']);
      const before = await events();
      expect(before).toMatchObject([
        { topic: 'vat', type: 'launched', vat: 'v1' },
        { topic: 'subcluster', type: 'launched' },
      ]);
      await home.json(['terminate', 'counter']);
      const cursor = before.at(-1)?.cursor ?? '';
      const since = await events('--cursor', cursor);
      expect(since).toMatchObject([
        { topic: 'vat', type: 'terminated' },
        { topic: 'subcluster', type: 'ended' },
      ]);
      expect(await events()).toStrictEqual([...before, ...since]);
      expect(await events('--topics', 'vat,grant')).toHaveLength(2);
      const wrong = await home.ocap(['daemon', 'events', '--cursor', 'x']);
      expect(wrong.code).toBe(1);
      expect(wrong.stderr).toContain('cursor');
    });
  });

  it('-f goes on over a kill -9 of the daemon, until Ctrl-C', async () => {
    await withHome(async (home) => {
      await startDaemonOf(home);
      const words = [
        ocapBin,
        'daemon',
        'events',
        '-f',
        '--topics',
        'subcluster',
      ];
      const child = spawn(process.execPath, words, { env: home.env });
      let text = '';
      child.stdout.on('data', (more: Buffer) => {
        text += String(more);
      });
      const ended = once(child, 'close');
      const launchUntilTold = async (count: number): Promise<void> => {
        await home.json(['launch', 'examples/counter', '--as', `c${count}`]);
        await vi.waitFor(() => {
          expect(linesOf(text).length).toBeGreaterThanOrEqual(count);
        }, 30_000);
      };
      try {
        // It tells from when it has subscribed: what comes before is not told.
        await vi.waitFor(async () => {
          await home.json([
            'launch',
            'examples/counter',
            '--as',
            `early${Date.now()}`,
          ]);
          expect(text).not.toBe('');
        }, 60_000);
        const before = linesOf(text).length;
        await home.killDaemon();
        await launchUntilTold(before + 1);
        child.kill('SIGINT');
        expect(await ended).toStrictEqual([0, null]);
        const numbers = linesOf(text).map((line) =>
          Number(/"s(\d+)"/u.exec(JSON.stringify(line))?.[1]),
        );
        const [first = 0] = numbers;
        expect(numbers).toStrictEqual(numbers.map((_, at) => first + at));
      } finally {
        child.kill('SIGKILL');
        await ended;
      }
    });
  });
});
