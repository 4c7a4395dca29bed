/**
 * All sorts of clients, each of which does one thing again and again, with a
 * pause in between. What they are told must be right, as long as there is a
 * daemon to tell it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { limits, messageOf, type CapData, type Json } from '@ocap/kernel-utils';
import { makeClient } from '@ocap/nodejs/client';
import type { BankLoad } from '../../support/bank-load.ts';
import type { DaemonClient } from '../../support/daemon-client.ts';
import type { Random } from '../../support/random.ts';
import { outcomeOf } from './outcome-of.ts';
import type { ScoreDaemon } from './score-daemon.ts';
import { maker, passing, user } from './soak-vats.ts';
import { openWire, requestOf } from './wire.ts';

const PAUSE_MS = 20;
/** Things that are made at once. */
const THINGS = 10;
/** Of so many acts with things, one is followed by a collection of garbage. */
const COLLECT_EVERY = 20;
const TOLD = 8;

/** What a client does; throws where it was told what is not so. */
type Act = (client: DaemonClient, turn: number) => Promise<void>;

export type SoakLoad = Readonly<{
  /** How often each was done. */
  counts: Readonly<Record<string, number>>;
  /** What was not as it should be. */
  problems: readonly string[];
  /** Nobody asks for a transfer meanwhile, so that the books can be compared. */
  withoutTransfers<Value>(use: () => Promise<Value>): Promise<Value>;
  /** From one daemon to the next: what was under way may fail. */
  throughDeath(die: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}>;

type Scene = Readonly<{
  daemon: ScoreDaemon;
  bank: BankLoad;
  random: Random;
  maker: string;
  user: string;
}>;

/** Launches the vats that stay. */
export const openSoakScene = async (
  daemon: ScoreDaemon,
  bank: BankLoad,
  random: Random,
): Promise<Scene> => {
  const launch = async (bundleSpec: string): Promise<string> => {
    const vats = { main: { bundleSpec, placement: 'own' } } as const;
    return (await daemon.launch({ bootstrap: 'main', vats })).rootKref;
  };
  return {
    daemon,
    bank,
    random,
    maker: await launch(maker),
    user: await launch(user),
  };
};

/** Goes on until it is stopped, also over the end of a daemon and the start of the next. */
export const beginSoak = (scene: Scene): SoakLoad => {
  const counts: Record<string, number> = {};
  const problems: string[] = [];
  let stopping = false;
  let transfer = Promise.resolve();
  let isShut = false;
  let deaths = 0;
  let isDead = false;

  const doOnce = async (name: string, act: Promise<void>): Promise<void> => {
    const before = deaths;
    const mayFail = isDead;
    return act.then(
      () => {
        counts[name] = (counts[name] ?? 0) + 1;
      },
      (thrown: unknown) => {
        // What a killed daemon had in memory is not there any more.
        if (mayFail || deaths > before) return;
        if (problems.length < TOLD) {
          problems.push(`${name}: ${messageOf(thrown)}`);
        }
      },
    );
  };
  const loop = async (name: string, act: Act): Promise<void> => {
    const client = scene.daemon.openClient();
    for (let turn = 1; !stopping; turn += 1) {
      const isTransfer = name === 'transfers';
      if (!isTransfer || !isShut) {
        const done = doOnce(name, act(client, turn));
        if (isTransfer) transfer = done;
        await done;
      }
      await delay(PAUSE_MS);
    }
    client.close();
  };
  const loops = Object.entries(actsOf(scene)).map(async ([name, act]) =>
    loop(name, act),
  );
  return {
    counts,
    problems,
    withoutTransfers: async (use) => {
      isShut = true;
      await transfer;
      return use().finally(() => {
        isShut = false;
      });
    },
    throughDeath: async (die) => {
      deaths += 1;
      isDead = true;
      await die();
      isDead = false;
    },
    stop: async () => {
      stopping = true;
      await Promise.all(loops);
    },
  };
};

const insist = (what: string, found: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(found, expected)) return;
  throw Error(
    `${what} is ${JSON.stringify(found)} and not ${JSON.stringify(expected)}`,
  );
};

const refs = ({ slots }: CapData): Json[] =>
  slots.map((slot) => ({ '@ref': slot }));

const actsOf = (scene: Scene): Readonly<Record<string, Act>> => ({
  calls: async (client, turn) => {
    const value = { turn, text: 'x'.repeat(scene.random.integer(1, 2000)) };
    const echo = await client.call(scene.maker, 'echo', value);
    insist('an echo', echo, value);
  },
  transfers: async (client) => {
    await scene.bank.ask(client, scene.bank.invent());
  },
  launches: async (client, turn) => launchAndEnd(client, turn),
  subscriptions: async () => subscribe(scene.daemon),
  promises: async (client, turn) => promise(client, scene, turn),
  things: async (client, turn) => things(client, scene, turn),
  names: async (client, turn) => names(client, scene, turn),
  refusals: async (client) => refusals(client, scene),
  looks: async (client, turn) => {
    await client.rpc('getStatus');
    await client.rpc('executeDBQuery', { sql: 'SELECT count(*) FROM vats' });
    await client.call(scene.maker, 'say', `line ${turn} ${'x'.repeat(200)}`);
  },
});

const launchAndEnd = async (
  client: DaemonClient,
  turn: number,
): Promise<void> => {
  const vat = { bundleSpec: passing } as const;
  const vats = turn % 2 === 0 ? { main: vat, other: vat } : { main: vat };
  const { subclusterId, rootKref } = (await client.rpc('launchSubcluster', {
    config: { bootstrap: 'main', vats },
  })) as { subclusterId: string; rootKref: string };
  insist('the first number', await client.call(rootKref, 'next'), 1);
  await client.rpc('terminateSubcluster', { id: subclusterId });
};

/** Vats come and go all the time: it is told of the next, and leaves. */
const subscribe = async ({ home }: ScoreDaemon): Promise<void> => {
  const client = makeClient({ socketPath: home.socketPath });
  try {
    const heard = Promise.withResolvers<void>();
    const subscription = await client.subscribe(['vat', 'log'], {
      onEvent: () => heard.resolve(),
    });
    await heard.promise;
    subscription.close();
  } finally {
    client.close();
  }
};

const promise = async (
  client: DaemonClient,
  { maker: makes, user: uses }: Scene,
  turn: number,
): Promise<void> => {
  const id = `p${turn}`;
  const well = turn % 3 !== 0;
  const [given = null] = refs(await client.send(makes, 'promise', [id]));
  const waits = client.call(uses, 'await', given).catch(messageOf);
  // Sent before there is anything to send it to.
  const ahead = client.call(uses, 'ahead', given).catch(() => 'failed');
  await client.call(makes, 'settle', id, well);
  insist('what became of a promise', await waits, well ? 'well' : `no ${id}`);
  insist(
    'a call that was sent ahead',
    await ahead,
    well ? `hi ${id}` : 'failed',
  );
};

/** Whatever the user held before, nobody holds any more. */
const things = async (
  client: DaemonClient,
  { maker: makes, user: uses }: Scene,
  turn: number,
): Promise<void> => {
  const labels = Array.from({ length: THINGS }, (_, at) => `t${turn}.${at}`);
  const made = await client.send(makes, 'things', [labels]);
  const said = await client.call(uses, 'take', refs(made));
  insist('what things say', said, labels.map((one) => `hi ${one}`).join());
  if (turn % COLLECT_EVERY === 0) await client.rpc('collectGarbage');
};

const names = async (
  client: DaemonClient,
  { maker: makes }: Scene,
  turn: number,
): Promise<void> => {
  const name = `soak-${turn}`;
  const { slots } = await client.send(makes, 'things', [[name]]);
  await client.rpc('setName', [name, slots[0] ?? '']);
  const described = (await client.rpc('describe', [name])) as { kref?: string };
  insist('what has the name', described.kref, slots[0]);
  insist('what it says', await client.call(name, 'hi'), `hi ${name}`);
  await client.rpc('listNames');
  await client.rpc('removeName', [name]);
};

/** Everything that can be refused, and a line that is none. */
const refusals = async (
  client: DaemonClient,
  { daemon, maker: makes }: Scene,
): Promise<void> => {
  const asked: readonly (readonly [Promise<unknown>, RegExp])[] = [
    [client.rpc('noSuchMethod'), /^-32601 /u],
    [client.rpc('describe', ['ko999999999']), /REF_UNKNOWN/u],
    [client.rpc('setName', [7, 7]), /^-32602 /u],
    [client.rpc('terminateVat', { id: 'v999999' }), /VAT_UNKNOWN/u],
    [client.rpc('executeDBQuery', { sql: 'DELETE FROM vats' }), /^\d|^-/u],
    [client.call(makes, 'fail'), /as it was asked to/u],
    [client.call(makes, 'notThere'), /no method/u],
  ];
  const answers = asked.map(
    async ([call, expected]) => [await outcomeOf(call), expected] as const,
  );
  for (const [told, expected] of await Promise.all(answers)) {
    if (/^lost: /u.test(told) || expected.test(told)) continue;
    throw Error(`the refusal is ${told} and not ${expected}`);
  }
  const wire = await openWire(daemon.home.socketPath);
  wire.say(`{"half":\n[1]\n${'['.repeat(limits.nestingLevels.value + 1)}\n`);
  wire.say(`${requestOf(1, 'ping')}\n`);
  await wire.hear();
  wire.close();
};
