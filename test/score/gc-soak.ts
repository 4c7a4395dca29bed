/**
 * Check 15. Objects of every kind are exported, held in every way by vats, by
 * names, by clients and by a vat of another daemon, and dropped in an order that
 * chance decides. Whoever still holds one can call it; when nobody does, nothing
 * of it is left.
 */
import { makeRandom } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { openGcWorld, type Memory } from './tools/gc-world.ts';
import { lookInside } from './tools/inside-daemon.ts';
import { runAlone } from './tools/run-alone.ts';
import { slopeBesideRise } from './tools/slope.ts';

const PERCENT = 2;
/** By how much a hash table of V8 may make a heap larger when it doubles. */
const RISE = 0.1;
/** Memory is looked at when nothing is left of a round. */
const ROUNDS = 12;

export const check: Check = {
  number: 15,
  id: 'gc-soak',
  title:
    'exports and drops objects across vats, names, clients and another daemon in random order',
  missing:
    'memory is told but not judged in quick mode, because caches are not full by then',
  run: async ({ openDaemon, mode, seed, amount, note }) => {
    const daemon = await openDaemon(lookInside);
    const far = await openDaemon(lookInside);
    const world = await openGcWorld({ daemon, far, random: makeRandom(seed) });
    const facts: Fact[] = [];
    const samples: Memory[] = [];
    // The first ones fill caches and pools, and the processes of the vats come to
    // the size that they then keep: that is not what is looked for.
    facts.push(...(await world.live(amount(800, 25_000))));
    const before = await world.rows();
    const count = amount(2400, 100_000);
    const rounds = amount(4, ROUNDS);
    for (let round = 1; round <= rounds; round += 1) {
      facts.push(...(await world.live(Math.ceil(count / rounds))));
      samples.push(await world.memory());
      note(`round ${round}: ${JSON.stringify(samples.at(-1))}`);
    }
    const after = await world.rows();

    const rows = Object.keys(before).map((table): Change => ({
      what: `rows of ${table}`,
      before: before[table] ?? NaN,
      after: after[table] ?? NaN,
    }));
    const memory = changesOf(samples);
    facts.push(...[...rows, ...(mode === 'full' ? memory : [])].map(within));
    return judge(facts, {
      value: `${count} objects, rows ${describe(total(rows))}, ${memory.map((one) => `${one.what} ${describe(one)}`).join(', ')}`,
      limit: `rows and memory within ${PERCENT} % of the start, none freed too early`,
    });
  },
};

type Change = Readonly<{ what: string; before: number; after: number }>;

const percent = ({ before, after }: Change): number =>
  before === after ? 0 : (100 * (after - before)) / before;

const describe = (change: Change): string =>
  `${percent(change) < 0 ? '' : '+'}${percent(change).toFixed(1)} %`;

const within = (change: Change): Fact => ({
  fact: `${change.what}: within ${PERCENT} % of what it was`,
  holds: percent(change) <= PERCENT,
  found: `${Math.round(change.before)} → ${Math.round(change.after)} (${describe(change)})`,
});

const names = {
  daemon: 'the daemon',
  far: 'the other daemon',
  hosts: 'the hosts',
} as const;

const total = (changes: readonly Change[]): Change => ({
  what: 'all',
  before: changes.reduce((sum, { before }) => sum + before, 0),
  after: changes.reduce((sum, { after }) => sum + after, 0),
});

/**
 * How much the memory grows over all rounds, by the median of the slopes between
 * any two, since the caches of the tables fill and start anew, each in a time of
 * its own; beside one rise, since the tables of V8's weak collections double
 * when much was made between two collections, and do not shrink.
 */
const changesOf = (samples: readonly Memory[]): readonly Change[] =>
  (['daemon', 'far', 'hosts'] as const).map((where) => {
    const values = samples.map((one, at) => ({ at, value: one[where] }));
    const before = Math.min(...values.map(({ value }) => value));
    const growth = slopeBesideRise(values, RISE) * (samples.length - 1);
    return {
      what: `memory of ${names[where]}`,
      before,
      after: before + growth,
    };
  });

await runAlone(import.meta.url, check);
