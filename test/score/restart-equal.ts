/**
 * Check 11. The daemon is stopped and started again and again, in whatever state
 * chance has brought it to, and what it says afterwards is compared with what it
 * said before: the description of every object, and every durable value, as its
 * vat reads it and as its row has it.
 *
 * Only the heap ends with a process, so an object that lives there is told to be
 * gone after the first restart; from then on that, too, must stay as it is.
 */
import { messageOf, type Json } from '@ocap/kernel-utils';
import { durableRows } from '../../packages/nodejs/src/testing/durable-rows.ts';
import { makeRandom, type Random } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const KEEPERS = 3;

/** Makes, links, names and drops durable objects, as it is told. */
const keeper = `
  const provide = (name, make) => { if (!baggage.has(name)) baggage.init(name, make()); return baggage.get(name); };
  const things = provide('things', () => VatData.makeScalarBigMapStore('things', { durable: true }));
  const weak = provide('weak', () => VatData.makeScalarBigWeakMapStore('weak', { durable: true }));
  const held = provide('held', () => VatData.makeScalarBigMapStore('held', { durable: true }));
  const kind = provide('kind', () => VatData.makeKindHandle('Thing'));
  const guard = M.interface('Thing', { show: M.call().returns(M.any()), set: M.call(M.any()).returns(M.undefined()), label: M.call().returns(M.string()) });
  const make = VatData.defineDurableKind(kind, (label) => ({ label, value: undefined }), {
    label: ({ state }) => state.label,
    set: ({ state }, value) => { state.value = value; },
    show: ({ state }) => state.value,
  }, { interfaceGuard: guard });
  const inHeap = [];
  const put = (map, key, value) => { map.has(key) ? map.set(key, value) : map.init(key, value); };
  return makeDefaultExo('Keeper', {
    make: (label) => { const thing = make(label); put(things, label, thing); put(weak, thing, 'about ' + label); return thing; },
    heap: (label) => { inHeap.push(makeDefaultExo('Heap ' + label, { label: () => label })); return inHeap.at(-1); },
    drop: (label) => { if (things.has(label)) things.delete(label); },
    hold: (key, it) => { put(held, key, it); },
    release: (key) => { if (held.has(key)) held.delete(key); },
    set: (label, value) => { if (things.has(label)) things.get(label).set(value); },
    read: () => harden({
      things: [...things.entries()].map(([label, thing]) => [label, thing.show(), weak.get(thing)]),
      held: [...held.entries()],
      keys: [...baggage.keys()],
    }),
  });`;

export const check: Check = {
  number: 11,
  id: 'restart-equal',
  title: 'stops and starts under random state, and compares',
  run: async ({ openDaemon, seed, amount, note }) => {
    const daemon = await openDaemon();
    const world = await openWorld(daemon, makeRandom(seed));
    const rounds = amount(4, 50);
    const facts: Fact[] = [];
    let objects = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await world.change(amount(20, 30));
      await world.collect();
      const before = await world.look();
      // By turns, as it is told to and as it is not.
      const how = round % 2 === 0 ? 'kill' : 'stop';
      await daemon[how]();
      await daemon.start();
      const after = await world.look();
      objects = Object.keys(after).length;
      facts.push(...compare(`round ${round}, after ${how}`, before, after));
      if (round % 10 === 0) note(`${round} restarts`);
    }
    return judge(facts, {
      value: `${rounds} restarts, ${objects} objects and values at last`,
      limit: 'every object and every durable value equal before and after',
    });
  },
};

type Looks = Readonly<Record<string, string>>;

const openWorld = async (daemon: ScoreDaemon, random: Random) => {
  const { client } = daemon;
  const keepers: string[] = [];
  for (let i = 0; i < KEEPERS; i += 1) {
    const placement = random.pick(['own', 'shared', 'subcluster'] as const);
    keepers.push((await launchVat(daemon, keeper, { placement })).root);
  }
  const readers: string[] = [];
  for (const [, body] of durableRows) {
    const { root } = await launchVat(daemon, body, { placement: 'shared' });
    await client.call(root, 'fill');
    readers.push(root);
  }
  let steps = 0;
  /** Objects that came through the socket; some are gone since. */
  const known: string[] = [];

  const value = (): Json =>
    random.pick<() => Json>([
      () => random.integer(-1e9, 1e9),
      () => `text ${random.integer(0, 999)} ‘ü’ \u{1f600} $0 #x !y`,
      () => [null, true, [random.integer(0, 9)], { a: { b: '' } }],
      () => (known.length > 0 ? { '@ref': random.pick(known) } : null),
    ])();
  const label = (): string => `t${random.integer(0, 30)}`;

  const actions: readonly (() => Promise<unknown>)[] = [
    async () =>
      keep(await client.send(random.pick(keepers), 'make', [label()])),
    async () =>
      keep(await client.send(random.pick(keepers), 'heap', [label()])),
    async () => client.call(random.pick(keepers), 'set', label(), value()),
    async () => client.call(random.pick(keepers), 'hold', label(), value()),
    async () => client.call(random.pick(keepers), 'release', label()),
    async () => client.call(random.pick(keepers), 'drop', label()),
    async () => client.rpc('setName', [`n${steps}`, random.pick(known)]),
    async () => client.rpc('removeName', [`n${random.integer(0, steps)}`]),
    async () => client.rpc('revoke', { kref: random.pick(known) }),
    async () => client.rpc('collectGarbage'),
  ];
  const keep = ({ slots }: Readonly<{ slots: readonly string[] }>): void => {
    known.push(...slots);
  };

  /** Otherwise a restart would take away what nobody could reach before it. */
  const collect = async (): Promise<void> => {
    await client.rpc('collectGarbage');
    for (const { id, state } of (await daemon.status()).vats) {
      if (state !== 'asleep') await client.rpc('pingVat', { id });
    }
  };

  const look = async (): Promise<Looks> => {
    const looks: Record<string, string> = {};
    const see = async (
      what: string,
      found: Promise<unknown>,
    ): Promise<void> => {
      looks[what] = JSON.stringify(await found.catch(messageOf));
    };
    const krefs = await daemon.query('SELECT kref FROM objects');
    await Promise.all([
      ...[...keepers, ...readers].map(async (root, i) =>
        see(`what vat ${i + 1} reads`, client.send(root, 'read', [])),
      ),
      ...krefs.map(async ({ kref }) =>
        see(`object ${kref}`, client.rpc('describe', { kref: kref ?? null })),
      ),
      see('the names', client.rpc('listNames')),
    ]);
    for (const { vat_id: id, key, value: text } of await daemon.query(
      'SELECT * FROM vatstore',
    )) {
      looks[`row ${id} ${key}`] = String(text);
    }
    return looks;
  };

  return {
    look,
    collect,
    change: async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        steps += 1;
        // What chance asks for may make no sense; then it is refused.
        await random.pick(actions)().catch(messageOf);
      }
    },
  };
};

/** Not durable: virtual objects, the next free numbers, and notes of what only a heap holds. */
const passing =
  /^row \S+ (?:vom\.o\+v|vom\.vkind\.|idCounters$|ocap\.loose\.)/u;

const compare = (
  when: string,
  before: Looks,
  after: Looks,
): readonly Fact[] => {
  const all = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return all
    .filter((what) => !passing.test(what))
    .map((what) => ({
      fact: `${when}: ${what} is what it was`,
      holds:
        before[what] === after[what] || isLostHeap(before[what], after[what]),
      found: `${after[what]} and not ${before[what]}`,
    }));
};

/** It lived in the heap, and is told to have gone with it. */
const isLostHeap = (before = '', after = ''): boolean =>
  /"(?:interface":"Alleged: Heap|methods":\["label"\])/u.test(before) &&
  /lived in the memory of an earlier incarnation/u.test(after);

await runAlone(import.meta.url, check);
