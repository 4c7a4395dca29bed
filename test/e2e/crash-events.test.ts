/**
 * The daemon is killed again and again amid launches and terminations, while
 * some watch: one with a client that stays, one that goes and comes back with
 * its cursor. What each was told is then what the database says has happened,
 * all of it, once, in order. `OCAP_SEED` repeats a run, as far as two runs of
 * several processes can be alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { makeClient, type DaemonEvent } from '@ocap/nodejs/client';
import { expect, it, vi } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import {
  openClient,
  startDaemonOf,
  withClient,
} from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';
import { drawSeed, makeRandom, type Random } from '../support/random.ts';

const KILLS = 5;
const WORKERS = 3;
const topics = ['vat', 'subcluster', 'grant'];

const seed = drawSeed();

const bundleSpec = vatSource(
  `return makeDefaultExo('Root', { kept: () => makeDefaultExo('Kept', {}) });`,
);
const config = {
  bootstrap: 'a',
  vats: { a: { bundleSpec }, b: { bundleSpec } },
};

/** Launches, revokes and ends, until the daemon is gone. */
const work = async (home: Home): Promise<void> => {
  const client = openClient(home);
  try {
    for (;;) {
      const launched = await client.rpc('launchSubcluster', { config });
      const { subclusterId, rootKref } = launched as Record<string, string>;
      const { slots } = await client.send(String(rootKref), 'kept', []);
      await client.rpc('revoke', [...slots]);
      await client.rpc('terminateSubcluster', [String(subclusterId)]);
    }
  } catch {
    // The daemon was killed; what it had answered, and what not, is the point.
  } finally {
    client.close();
  }
};

type Watcher = Readonly<{ told: DaemonEvent[]; cursor(): string }>;

/** Keeps what it was told, over any number of clients. */
const makeWatcher = (): Watcher &
  Readonly<{ note(event: DaemonEvent): void }> => {
  const told: DaemonEvent[] = [];
  return {
    told,
    cursor: () => told.at(-1)?.cursor ?? 'oldest',
    note: (event) => void told.push(event),
  };
};

/** Subscribes and goes away in the middle, until told to stop. */
const comeAndGo = async (
  home: Home,
  { note, cursor }: ReturnType<typeof makeWatcher>,
  random: Random,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const client = makeClient({ socketPath: home.socketPath });
    try {
      await client.subscribe(topics, { cursor: cursor(), onEvent: note });
      await delay(random.integer(0, 60));
    } catch {
      // No daemon just now.
      await delay(5);
    } finally {
      client.close();
    }
  }
};

const withoutCursor = ({ cursor: _cursor, ...event }: DaemonEvent): object =>
  event;

it(
  `V-25: ${KILLS} times kill -9, and with the cursor nothing is missed or told twice (OCAP_SEED=${seed})`,
  { timeout: 300_000 },
  async () => {
    await withHome(async (home) => {
      const random = makeRandom(seed);
      const stays = makeWatcher();
      const comes = makeWatcher();
      const over = new AbortController();
      await startDaemonOf(home);
      const client = makeClient({ socketPath: home.socketPath });
      const coming = comeAndGo(home, comes, makeRandom(seed + 1), over.signal);
      try {
        await client.subscribe(topics, {
          cursor: 'oldest',
          onEvent: stays.note,
        });
        for (let kill = 1; kill <= KILLS; kill += 1) {
          await startDaemonOf(home);
          const works = Array.from({ length: WORKERS }, async () => work(home));
          // Some way into the work, at no moment in particular.
          const enough = stays.told.length + random.integer(0, 30);
          await vi.waitFor(
            () => expect(stays.told.length).toBeGreaterThanOrEqual(enough),
            { timeout: 60_000, interval: 1 },
          );
          await delay(random.integer(0, 30));
          await home.killDaemon();
          await Promise.all(works);
        }
        await withClient(home, async ({ rpc }) => {
          await rpc('terminateAllVats');
          const rows = (await rpc('executeDBQuery', {
            sql: 'SELECT at, topic, type, about FROM events ORDER BY seq',
          })) as readonly Readonly<{ about: string }>[];
          const events = rows.map(({ about, ...row }) => ({
            ...row,
            ...(JSON.parse(about) as object),
          }));
          expect(events.length).toBeGreaterThan(5 * KILLS);
          for (const { told } of [stays, comes]) {
            await vi.waitFor(() => {
              expect(told.length).toBeGreaterThanOrEqual(events.length);
            }, 30_000);
            expect(told.map(withoutCursor)).toStrictEqual(events);
          }
        });
      } finally {
        over.abort();
        client.close();
        await coming;
      }
    });
  },
);
