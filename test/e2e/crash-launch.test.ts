/**
 * The daemon is killed at some moment of a launch, again and again. What is
 * there afterwards is whole, and its bootstrap ran once. `OCAP_SEED` repeats a
 * run, as far as two runs of several processes can be alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import {
  startDaemonOf,
  withClient,
  type DaemonClient,
} from '../support/daemon-client.ts';
import { withHome } from '../support/home.ts';
import { insistIdleStore } from '../support/idle-store.ts';
import { drawSeed, makeRandom } from '../support/random.ts';

const KILLS = 6;

const seed = drawSeed();

/** Notes in its own store that it was called, and tells the others. */
const bundleSpec = vatSource(`
  const count = () => {
    if (baggage.has('n')) baggage.set('n', baggage.get('n') + 1);
    else baggage.init('n', 1);
  };
  return makeDefaultExo('Root', {
    bootstrap: ({ b, c }) => {
      count();
      void E(b).hello();
      void E(c).hello();
    },
    hello: count,
    calls: () => baggage.get('n'),
  });`);

const config = {
  bootstrap: 'a',
  vats: {
    a: { bundleSpec },
    b: { bundleSpec, placement: 'own' },
    c: { bundleSpec, placement: 'shared' },
  },
};

type Status = Readonly<{
  vats: readonly Readonly<{ id: string }>[];
  subclusters: readonly Readonly<{ id: string; vats: object }>[];
}>;

const rootOf = async (client: DaemonClient, vat: string): Promise<string> => {
  const sql = `SELECT kref FROM clist WHERE endpoint = '${vat}' AND vref = 'o+0'`;
  const rows = await client.rpc('executeDBQuery', { sql });
  const [{ kref } = { kref: '' }] = rows as { kref: string }[];
  return kref;
};

it(
  `${KILLS} times kill -9 amid a launch leave all of its vats or none, each told once (V-01, V-03; OCAP_SEED=${seed})`,
  { timeout: 300_000 },
  async () => {
    await withHome(async (home) => {
      const random = makeRandom(seed);
      // One that nobody disturbs tells how long a cold launch takes here.
      const begun = Date.now();
      await withClient(home, async (client) =>
        client.rpc('launchSubcluster', { config }),
      );
      const most = Date.now() - begun;
      await home.killDaemon();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await withClient(home, async (client) => {
          const launching = client
            .rpc('launchSubcluster', { config })
            .catch(() => undefined);
          await delay(random.integer(0, most));
          await home.killDaemon();
          await launching;
        });
      }
      await startDaemonOf(home);
      await withClient(home, async (client) => {
        const { vats, subclusters } = (await client.rpc('getStatus')) as Status;
        for (const each of subclusters) {
          expect(Object.keys(each.vats).sort()).toStrictEqual(['a', 'b', 'c']);
        }
        expect(vats).toHaveLength(3 * subclusters.length);
        for (const { id } of vats) {
          const root = await rootOf(client, id);
          expect([id, await client.call(root, 'calls')]).toStrictEqual([id, 1]);
        }
        await insistIdleStore(client);
      });
    });
  },
);
