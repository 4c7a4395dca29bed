/** What vats, and those who call them, may rely on when processes end, with the real binary. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import {
  openClient,
  startDaemonOf,
  withClient,
  type DaemonClient,
} from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';
import { gone, isAlive, sendSignal } from '../support/processes.ts';

const counter = vatSource(`
  const add = (key) => {
    const n = baggage.has(key) ? baggage.get(key) + 1 : 1;
    if (n === 1) baggage.init(key, n); else baggage.set(key, n);
    return n;
  };
  return makeDefaultExo('Counter', {
    bootstrap: () => add('bootstraps'),
    bootstraps: () => baggage.get('bootstraps'),
    increment: () => add('n'),
    hold: (purse) => { baggage.init('purse', purse); },
    callHeld: () => E(baggage.get('purse')).increment(),
    spin: () => { for (;;); },
    failLater: async () => {
      add('n');
      for (let turn = 0; turn < 1000; turn += 1) await null;
      vatPowers.exitVatWithFailure(Error('cannot go on'));
    },
  });`);

type Vats = Readonly<Record<string, object>>;

const launch = async (
  client: DaemonClient,
  name: string,
  vats: Vats = { main: { bundleSpec: counter } },
): Promise<void> => {
  const config = { bootstrap: Object.keys(vats)[0] ?? '', vats };
  const { rootKref } = (await client.rpc('launchSubcluster', {
    config,
  } as never)) as { rootKref: string };
  await client.rpc('setName', [name, rootKref]);
};

type Status = Readonly<{
  vats: readonly Readonly<{
    id: string;
    state: string;
    inbox: number;
    deliveries: number;
    host?: Readonly<{ pid: number }>;
  }>[];
  hosts: readonly Readonly<{ pid: number }>[];
}>;

const statusOf = async (client: DaemonClient): Promise<Status> =>
  (await client.rpc('getStatus')) as Status;

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come about.');
    await delay(10);
  }
};

const endings: readonly [string, (home: Home) => Promise<unknown>][] = [
  ['kill -9', async (home) => home.killDaemon()],
  ['daemon stop', async (home) => home.json(['daemon', 'stop'])],
];

describe.each(endings)('after %s', (_name, end) => {
  it('a vat goes on; bootstrap does not run again (P-07, V-03)', async () => {
    await withHome(async (home) => {
      await withClient(home, async (client) => {
        await launch(client, 'counter');
        expect(await client.call('counter', 'increment')).toBe(1);
      });
      for (const n of [2, 3]) {
        await end(home);
        await withClient(home, async (client) => {
          expect(await client.call('counter', 'bootstraps')).toBe(1);
          expect(await client.call('counter', 'increment')).toBe(n);
        });
      }
    });
  });

  it('what stood in an inbox is delivered, in order and once (V-12)', async () => {
    await withHome(async (home) => {
      const ids = Array.from({ length: 500 }, (_, at) => `call-${at}`);
      const ask = async (
        client: DaemonClient,
        requestId: string,
      ): Promise<string> =>
        (await client.send('counter', 'increment', [], requestId)).body;
      await withClient(home, async (client) => {
        await launch(client, 'counter');
        const asked = Promise.allSettled(
          ids.map(async (id) => ask(client, id)),
        );
        // All of them are accepted once a later request on this connection is answered.
        await client.rpc('ping');
        await end(home);
        await asked;
      });
      await withClient(home, async (client) => {
        const answers = await Promise.all(
          ids.map(async (id) => ask(client, id)),
        );
        expect(answers).toStrictEqual(ids.map((_, at) => `#${at + 1}`));
        expect(await client.call('counter', 'increment')).toBe(501);
        expect(await client.rpc('audit')).toMatchObject({ ok: true });
      });
    });
  });

  it('a reference that one vat holds to another still leads there (V-07)', async () => {
    await withHome(async (home) => {
      await withClient(home, async (client) => {
        await launch(client, 'one');
        await launch(client, 'other');
        await client.call('one', 'hold', { '@ref': 'other' });
      });
      await end(home);
      await withClient(home, async (client) => {
        expect(await client.call('one', 'callHeld')).toBe(1);
        expect(await client.call('other', 'increment')).toBe(2);
      });
    });
  });
});

describe('a start', () => {
  it('wakes no vat, however many there are, until one is called (V-26)', async () => {
    await withHome(async (home) => {
      const many = Array.from({ length: 200 }, (_, at) => [
        `vat${at}`,
        { bundleSpec: counter, placement: 'shared' },
      ]);
      await withClient(home, async (client) => {
        await launch(client, 'first', Object.fromEntries(many) as Vats);
        await client.call('first', 'increment');
      });
      await home.killDaemon();
      await withClient(home, async (client) => {
        const { vats } = await statusOf(client);
        expect(vats).toHaveLength(200);
        expect(new Set(vats.map(({ state }) => state))).toStrictEqual(
          new Set(['asleep']),
        );
        expect(await client.call('first', 'increment')).toBe(2);
        const awake = (await statusOf(client)).vats.filter(
          ({ state }) => state !== 'asleep',
        );
        expect(awake).toMatchObject([{ id: 'v1' }]);
      });
    });
  });
});

describe('a crank that is aborted', () => {
  it('takes nothing with it that others were told meanwhile (V-06)', async () => {
    await withHome(async (home) => {
      await startDaemonOf(home);
      const other = openClient(home);
      try {
        await withClient(home, async (client) => {
          await launch(client, 'bad');
          await launch(client, 'good');
          const failing = client.call('bad', 'failLater').catch(String);
          const innocent = Promise.allSettled(
            Array.from({ length: 1000 }, async () =>
              other.call('good', 'increment'),
            ),
          );
          expect(await failing).toContain('(VAT_TERMINATED)');
          expect(await innocent).toStrictEqual(
            Array.from({ length: 1000 }, (_, at) => ({
              status: 'fulfilled',
              value: at + 1,
            })),
          );
          expect(await client.rpc('audit')).toMatchObject({ ok: true });
        });
      } finally {
        other.close();
      }
    });
  });
});

describe('operators', () => {
  it('are answered whatever any vat is doing (V-21)', async () => {
    await withHome(async (home) => {
      await withClient(home, async (client) => {
        await launch(client, 'spinner');
        await launch(client, 'other');
        const spinning = client.call('spinner', 'spin').catch(String);
        await until(
          async () => (await statusOf(client)).vats[0]?.state === 'busy',
        );
        expect(await client.rpc('pingVat', { id: 'v2' })).toBe('pong');
        await expect(client.rpc('pingVat', { id: 'v1' })).rejects.toMatchObject(
          { data: { code: 'VAT_BUSY' } },
        );
        await client.rpc('collectGarbage');
        await client.rpc('restartVat', { id: 'v1' });
        expect(await client.call('other', 'increment')).toBe(1);
        await client.rpc('terminateAllVats');
        expect(await spinning).toContain('terminated');
        expect(await statusOf(client)).toMatchObject({ vats: [] });
        await client.rpc('clearState');
        expect(await client.rpc('listNames')).toStrictEqual([]);
      });
    });
  });
});

describe('vat hosts', () => {
  it.each(['increment', 'spin'])(
    'end with their daemon, in the midst of %s',
    async (method) => {
      await withHome(async (home) => {
        let pids: readonly number[] = [];
        try {
          await withClient(home, async (client) => {
            await launch(client, 'counter');
            const called = client.call('counter', method).catch(String);
            await until(
              async () =>
                ((await statusOf(client)).vats[0]?.deliveries ?? 0) > 1 ||
                (await statusOf(client)).vats[0]?.state === 'busy',
            );
            pids = (await statusOf(client)).hosts.map(({ pid }) => pid);
            expect(pids.length).toBeGreaterThan(0);
            await home.killDaemon();
            await called;
          });
          for (const pid of pids) await gone(pid, 20_000);
        } finally {
          for (const pid of pids) if (isAlive(pid)) sendSignal(pid, 'SIGKILL');
        }
      });
    },
  );
});
