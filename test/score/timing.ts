/**
 * Check 26. Looks for clocks: by name, by calling whatever a vat can reach and
 * looking whether the answer has changed with time, and by what is granted. Only
 * `Date` and timers are clocks, in whole milliseconds, and only where granted.
 */
import { messageOf, type Json } from '@ocap/kernel-utils';
import type { Check } from './tools/check.ts';
import { clockSearch, probes, type Probe } from './tools/clocks.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

/** What may be granted and tells no time. */
const timeless = [
  'AbortController',
  'AbortSignal',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
] as const;
const chance = ['Math', 'crypto'] as const;
const timers = [
  'setTimeout',
  'setInterval',
  'clearTimeout',
  'clearInterval',
] as const;

/** What is random at every call, and so looks different each time, but tells no time. */
const random = /^\["[^"]*\.(?:random|randomUUID|getRandomValues)"/u;

export const check: Check = {
  number: 26,
  id: 'timing',
  title: 'looks for clocks, granted and not',
  run: async ({ openDaemon, amount }) => {
    const daemon = await openDaemon();
    const facts: Fact[] = [];
    facts.push(...(await probe(daemon, 'nothing granted', [])));
    facts.push(
      ...(await probe(daemon, 'what tells no time granted', timeless)),
    );

    const rounds = amount(1, 20);
    for (let round = 0; round < rounds; round += 1) {
      facts.push(await search(daemon, 'nothing granted', []));
      const all = [...timeless, ...chance];
      facts.push(await search(daemon, 'all granted but clocks', all));
      facts.push(...(await readDate(daemon)));
      facts.push(...(await runTimers(daemon, amount(50, 200))));
    }
    return judge(facts, {
      value: `${probes.length} names, ${rounds} searches`,
      limit: 'nothing finer than 1 ms unless granted',
    });
  },
};

type Globals = typeof timeless | readonly never[];

const probe = async (
  daemon: ScoreDaemon,
  what: string,
  globals: Globals,
): Promise<readonly Fact[]> => {
  const { root } = await launchVat(
    daemon,
    `const evaluate = (code) => (0, eval)(code);
     return makeDefaultExo('R', { evaluate: async (code) => {
       try { return String(await evaluate(code)); } catch (e) { return 'throws ' + e.message; }
     } });`,
    { globals },
  );
  const facts: Fact[] = [];
  for (const { name, code, expected } of probes satisfies readonly Probe[]) {
    const found = String(
      await daemon.client.call(root, 'evaluate', code).catch(messageOf),
    );
    facts.push({
      fact: `${what}: ${name} tells no time`,
      holds: expected.test(found),
      found,
    });
  }
  return facts;
};

type Found = Readonly<{ functions: number; changed: Json[] }>;

const search = async (
  daemon: ScoreDaemon,
  what: string,
  globals: readonly ((typeof timeless)[number] | (typeof chance)[number])[],
): Promise<Fact> => {
  const { root } = await launchVat(daemon, clockSearch, { globals });
  const { functions, changed } = (await daemon.client.call(
    root,
    'search',
  )) as Found;
  // In one delivery and over several: a clock might stand still within one.
  const later = (await daemon.client.call(root, 'searchAgain')) as Found;
  const found = [...changed, ...later.changed].filter(
    (entry) => !random.test(JSON.stringify(entry)),
  );
  return {
    fact: `${what}: of ${functions} functions none tells another time later`,
    holds: functions > 500 && found.length === 0,
    found,
  };
};

/** Whole milliseconds, and no way to see more of it. */
const readDate = async (daemon: ScoreDaemon): Promise<readonly Fact[]> => {
  const { root } = await launchVat(
    daemon,
    `return makeDefaultExo('R', { read: (n) => {
       const seen = new Set(); const odd = new Set(); let before = 0; let back = 0;
       for (let i = 0; i < n; i += 1) {
         const all = [Date.now(), new Date().getTime(), new Date().valueOf(), +new Date(), Date.parse(new Date().toISOString()), Reflect.construct(Date, []).getTime()];
         for (const t of all) { seen.add(t); if (!Number.isInteger(t)) odd.add(t); if (t < before) back += 1; before = t; }
       }
       return harden({ distinct: seen.size, odd: [...odd].slice(0, 5), back });
     } });`,
    { globals: ['Date'] },
  );
  const found = (await daemon.client.call(root, 'read', 20_000)) as Readonly<{
    distinct: number;
    odd: Json[];
    back: number;
  }>;
  return [
    {
      fact: 'a Date that is granted shows whole milliseconds only',
      holds: found.odd.length === 0 && found.distinct > 1,
      found: { ...found },
    },
    {
      fact: 'it never goes back',
      holds: found.back === 0,
      found: found.back,
    },
  ];
};

/** Each takes a millisecond at least, however little is asked for: counting them is no finer clock. */
const runTimers = async (
  daemon: ScoreDaemon,
  count: number,
): Promise<readonly Fact[]> => {
  const { root } = await launchVat(
    daemon,
    `return makeDefaultExo('R', {
       chain: (count, ms) => new Promise((resolve) => {
         const next = (left) => { if (left === 0) resolve('done'); else setTimeout(next, ms, left - 1); };
         next(count);
       }),
       ticks: (count, ms) => new Promise((resolve) => {
         let n = 0; const id = setInterval(() => { n += 1; if (n === count) { clearInterval(id); resolve('done'); } }, ms);
       }),
       at: (count) => new Promise((resolve) => {
         // As many as there may be, started at once: they must not fire one by one within a millisecond.
         let n = 0; for (let i = 0; i < count; i += 1) setTimeout(() => { n += 1; if (n === count) resolve('done'); }, i / count);
       }),
     });`,
    { globals: timers },
  );
  const facts: Fact[] = [];
  for (const method of ['chain', 'ticks']) {
    for (const ms of [0, 0.01, 0.5, -1]) {
      const begun = performance.now();
      const answer = await daemon.client.call(root, method, count, ms);
      const taken = performance.now() - begun;
      facts.push({
        fact: `${count} timers of ${ms} ms (${method}) take ${count} ms at least`,
        holds: answer === 'done' && taken >= count,
        found: `${taken.toFixed(2)} ms`,
      });
    }
  }
  return facts;
};

await runAlone(import.meta.url, check);
