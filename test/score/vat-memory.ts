/**
 * Check 19. Vats that take all the memory they can get: their own, and that of
 * the daemon by way of messages and durable values. They must be ended; the
 * daemon must neither grow nor end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RpcError } from '@ocap/nodejs/client';
import { messageOf } from '@ocap/kernel-utils';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { makeRandom } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { watchMemory } from './tools/daemon-memory.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import { sample } from './tools/sample.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const GROWTH_MIB = 100;
/** Until then a flood has used up the restart budget of its vats, each crank at its deadline. */
const FLOOD_ENDS_MS = 110_000;
/** Looks at the memory, a tenth of a second apart, for one at the vats. */
const LOOK_EVERY = 20;
/** Bombs that go off together. */
const AT_ONCE = 2;
/** A quick run has time for so many of them; the seed says which. */
const QUICK_BOMBS = 3;

/** What it stands for, and its code. */
type Attack = Readonly<{ name: string; code: string }>;

const attacks = (rows: Readonly<Record<string, string>>): readonly Attack[] =>
  Object.entries(rows).map(([name, code]) => ({ name, code }));

/** Each takes memory in its own process until it is stopped. */
const bombs = attacks({
  objects:
    'const all = []; for (let i = 0; ; i += 1) all.push({ i, more: { a: {}, b: [], c: new Array(64).fill(i) } });',
  strings: `const all = []; for (let i = 0; ; i += 1) { const s = 'x'.repeat(1e6) + i; s.charCodeAt(9); /x/.test(s); all.push(s); }`,
  arrays: 'const all = []; for (;;) all.push(new Array(1e5).fill(1.5));',
  Map: 'const map = new Map(); for (let i = 0; ; i += 1) map.set(i, new Array(400).fill(i));',
  ArrayBuffers:
    'const all = []; for (;;) all.push(new Uint8Array(2 ** 26).fill(1));',
  '2 GiB buffer': `new Uint8Array(2 ** 31).fill(1); throw Error('it was given 2 GiB');`,
});

/** The same in ways that take longer. */
const moreBombs = attacks({
  'small objects': 'const all = []; for (let i = 0; ; i += 1) all.push({ i });',
  'ArrayBuffers, whatever it is told': `const all = []; for (;;) { try { all.push(new Uint8Array(2 ** 26).fill(1)); } catch { all.push(1); } }`,
  'buffer that grows to 2 GiB': `const b = new ArrayBuffer(0, { maxByteLength: 2 ** 31 }); const v = new Uint8Array(b); for (let n = 2 ** 20; n <= 2 ** 31; n *= 2) { b.resize(n); v.fill(1); } throw Error('it was given 2 GiB');`,
  'string of the greatest length': `let s = 'x'; for (;;) { s += s; s.charCodeAt(9); }`,
  BigInts:
    'const all = []; for (let i = 1n; ; i += 1n) all.push((i << 8000000n) + 1n);',
  promises: 'const all = []; for (;;) all.push(new Promise(() => {}));',
  'messages that are never sent': 'for (;;) E(peer).sink();',
});

/** Two vats that send to each other, and keep every limit of a crank while they do. */
const floods = attacks({
  'a flood of messages': 'for (let i = 0; i < 3000; i += 1) E(peer).go();',
  'a flood of large messages': `for (let i = 0; i < 2; i += 1) E(peer).go('x'.repeat(3.9e6));`,
});
const moreFloods = attacks({
  'as many messages as a crank may send':
    'for (let i = 0; i < 9990; i += 1) E(peer).go();',
});

/** The same without end but one after the other: nothing to end, but nothing to grow either. */
const streams = attacks({
  'a stream of exports': `E(peer).go(harden(Array.from({ length: 9000 }, () => makeDefaultExo('X', {}))));`,
  'a stream of promises': `E(peer).go(harden(Array.from({ length: 9000 }, () => new Promise(() => {}))));`,
  'a stream of large messages': `E(peer).go('x'.repeat(7e6));`,
  'a stream of durable values': `for (let i = 0; i < 70; i += 1) baggage.init('k' + (n += 1), 'x'.repeat(1e5)); E(peer).go();`,
});

const bomber = (code: string): string => `
  let n = 0;
  const self = makeDefaultExo('Bomber', {
    bootstrap: ({ other }) => { if (other) { baggage.init('peer', other); return E(other).meet(self); } },
    meet: (one) => { baggage.init('peer', one); },
    sink: () => {},
    go: () => { const peer = baggage.get('peer'); ${code} },
  });
  return self;`;

export const check: Check = {
  number: 19,
  id: 'vat-memory',
  title: 'vats that take all the memory they can get',
  missing: `a quick run sets off ${QUICK_BOMBS} of the bombs, as the seed has it`,
  run: async ({ openDaemon, mode, seed, amount, note }) => {
    const daemon = await openDaemon();
    const facts: Fact[] = [];
    let most = 0;
    const measured = async (
      name: string,
      act: () => Promise<readonly Fact[]>,
    ): Promise<void> => {
      const memory = watchMemory(daemon);
      facts.push(...(await act()));
      const { peak } = memory.growth();
      note(`${name}: +${peak.toFixed(1)} MiB`);
      most = Math.max(most, peak);
      facts.push({
        fact: `${name}: the daemon grows by less than ${GROWTH_MIB} MiB`,
        holds: peak < GROWTH_MIB,
        found: `${peak.toFixed(1)} MiB`,
      });
    };

    const isFull = mode === 'full';
    const all = isFull
      ? [...bombs, ...moreBombs]
      : [...sample(bombs, QUICK_BOMBS, makeRandom(seed))];
    while (all.length > 0) {
      const some = all.splice(0, AT_ONCE);
      await measured(some.map(({ name }) => name).join(', '), async () =>
        (
          await Promise.all(some.map(async (bomb) => detonate(daemon, bomb)))
        ).flat(),
      );
    }
    for (const attack of isFull ? [...floods, ...moreFloods] : floods) {
      await measured(attack.name, async () => [
        await floodEnds(daemon, attack, amount(2500, FLOOD_ENDS_MS)),
      ]);
    }
    for (const attack of isFull ? streams : []) {
      await measured(attack.name, async () => {
        await flood(daemon, attack, 10_000);
        return [];
      });
    }
    return judge(facts, {
      value: `+${most.toFixed(0)} MiB`,
      limit: `offender ended, daemon < +${GROWTH_MIB} MiB, same daemon`,
    });
  },
};

/** A bomb must not come to its end: whoever set it off is told why. */
const detonate = async (
  daemon: ScoreDaemon,
  { name, code }: Attack,
): Promise<readonly Fact[]> => {
  const { ask, end } = await launchPair(daemon, code);
  const problem = await ask('go');
  const again = await ask('sink');
  await end();
  return [
    {
      fact: `${name}: the caller is told that it was ended`,
      holds:
        /out of memory|allocation failed|invalid|ran longer|maximum/iu.test(
          problem,
        ),
      found: problem,
    },
    {
      fact: `${name}: its vat can be called afterwards`,
      holds: again === '',
      found: again,
    },
  ];
};

/** By then it must be ended (halted, too), or all of it worked off; a quick run does not wait for that. */
const floodEnds = async (
  daemon: ScoreDaemon,
  attack: Attack,
  ms: number,
): Promise<Fact> => {
  const { vats, waiting, told } = await flood(daemon, attack, ms, isOver);
  return {
    fact: `${attack.name}: it is ended, or all of it is worked off`,
    holds: isOver({ vats, waiting }) || ms < FLOOD_ENDS_MS,
    found: `${waiting} messages wait after ${ms} ms; its caller was told "${told}"`,
  };
};

/** Vats that are left of the two, and what waits for them. */
type Found = Readonly<{ vats: number; waiting: number }>;

const isOver = ({ vats, waiting }: Found): boolean => vats < 2 || waiting === 0;

/** Lets it go on for so long, or until it has ended by itself, and ends it. */
const flood = async (
  daemon: ScoreDaemon,
  { code }: Attack,
  ms: number,
  isEnd: (found: Found) => boolean = () => false,
): Promise<Found & Readonly<{ told: string }>> => {
  const { ask, end, look } = await launchPair(daemon, code);
  const told = await ask('go');
  const memory = watchMemory(daemon);
  const until = performance.now() + ms;
  for (let looks = 1; performance.now() < until; looks += 1) {
    await delay(100);
    if (looks % LOOK_EVERY === 0 && isEnd(await look())) break;
    // What it proves is proved; the rest would only be a daemon that dies.
    if (memory.growth().now > 4 * GROWTH_MIB) break;
  }
  const found = await look();
  await end();
  return { ...found, told };
};

const launchPair = async (daemon: ScoreDaemon, code: string) => {
  const bundleSpec = vatSource(bomber(code));
  const { rootKref, subclusterId } = await daemon.launch({
    bootstrap: 'one',
    vats: {
      one: { bundleSpec, placement: 'own' },
      other: { bundleSpec, placement: 'own' },
    },
  });
  return {
    /** The daemon's refusal, empty if there was none. */
    ask: async (method: string): Promise<string> =>
      daemon.client.call(rootKref, method).then(
        () => '',
        (thrown: unknown) =>
          thrown instanceof RpcError
            ? thrown.message
            : `lost: ${messageOf(thrown)}`,
      ),
    look: async () => {
      const { vats } = await daemon.status();
      const left = vats.filter(
        (vat) => vat.subclusterId === subclusterId && vat.halted === undefined,
      );
      const waiting = left.reduce((sum, { inbox }) => sum + inbox, 0);
      return { vats: left.length, waiting };
    },
    end: async () =>
      daemon.client.rpc('terminateSubcluster', { id: subclusterId }),
  };
};

await runAlone(import.meta.url, check);
