/**
 * Check 21. Vats and clients that send and store too much. The caps must answer
 * with errors that are documented, and the vats of others must go on.
 */
import type { VatConfig } from '@ocap/kernel';
import { errorCodes, messageOf, type Json } from '@ocap/kernel-utils';
import { RpcError } from '@ocap/nodejs/client';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { openBystander } from './tools/bystander.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import { sayLine } from './tools/say-line.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const P99_MS = 200;
const GIGABYTE = 1e9;
/** Durable data of one crank, well within its limit. */
const BATCH = 75;
const VALUE_CHARS = 100_000;
type Limits = NonNullable<VatConfig['limits']>;
/** There is no time for a gigabyte, nor for long deliveries, in quick mode. */
const QUICK_LIMITS: Limits = { vatstoreBytes: 40_000_000, deliveryMs: 3000 };
/** What the deliveries that are ended by their deadline take, and the end of the check. */
const LONG_MS = 7000;

/** What is done, and what must be said to it. */
type Attack = Readonly<{
  name: string;
  /** Prepares it; what is returned does it once. */
  prepare(daemon: ScoreDaemon, limits: Limits): Promise<() => Promise<string>>;
  told: RegExp;
}>;

const inVat = (name: string, code: string, told: RegExp): Attack => ({
  name,
  prepare: async (daemon, limits) => {
    const root = await launchFlooder(daemon, limits);
    return async () => outcomeOf(daemon.client.call(root, 'run', code));
  },
  told,
});

/** A line of a client, made before anybody looks at the time. */
const byClient = (
  name: string,
  makeArgs: (daemon: ScoreDaemon, root: string) => Promise<Json>,
  told: RegExp,
): Attack => ({
  name,
  prepare: async (daemon, limits) => {
    const root = await launchFlooder(daemon, limits);
    const args = await makeArgs(daemon, root);
    const params = [root, 'sink', args];
    const request = { jsonrpc: '2.0', id: 1, method: 'queueMessage', params };
    const line = Buffer.from(`${JSON.stringify(request)}\n`);
    return async () => sayLine(daemon.home.socketPath, line);
  },
  told,
});

/** Deliveries that are long enough to be measured one at a time, or together where time is short. */
const long: readonly Attack[] = [
  inVat(
    'a million sends in one crank',
    'for (let i = 0; i < 1e6; i += 1) E(peer()).sink();',
    /crankSyscalls|LIMIT_DEADLINE|out of memory/u,
  ),
  inVat(
    '100,000 slots in an argument',
    `return E(peer()).sink(harden(Array.from({ length: 1e5 }, () => makeDefaultExo('X', {}))));`,
    /messageSlots|LIMIT_DEADLINE|out of memory/u,
  ),
];

const short: readonly Attack[] = [
  inVat(
    'an argument of 100 MB',
    `return E(peer()).sink('x'.repeat(1e8));`,
    /LIMIT_REACHED|out of memory/u,
  ),
  inVat(
    '100 MB of durable data in one crank',
    `for (let i = 0; i < 1000; i += 1) baggage.init('big' + i, 'x'.repeat(1e5));`,
    /crankBytes/u,
  ),
  byClient(
    'an argument of 100 MB from a client',
    async () => ['x'.repeat(1e8)],
    /longer than \d+ bytes/u,
  ),
  byClient(
    '100,000 references in the argument of a client',
    manyReferences,
    // They are too many values before they are too many references.
    /messageSlots|more than \d+ values and keys/u,
  ),
];

const more: readonly Attack[] = [
  inVat(
    'a result of 100 MB',
    `return 'x'.repeat(1e8);`,
    /crankBytes|out of memory/u,
  ),
  inVat(
    '100,000 slots in a result',
    `return harden(Array.from({ length: 1e5 }, () => makeDefaultExo('X', {})));`,
    /messageSlots|LIMIT_DEADLINE|out of memory/u,
  ),
  inVat(
    'a hundred arguments of 10 MB',
    `for (let i = 0; i < 100; i += 1) E(peer()).sink('x'.repeat(1e7));`,
    /crankBytes|out of memory/u,
  ),
];

export const check: Check = {
  number: 21,
  id: 'vat-flood',
  title: 'a million sends, 100 MB, 100,000 slots, 1 GB of durable data',
  run: async ({ openDaemon, mode, amount, timeLeftMs, note }) => {
    const daemon = await openDaemon();
    const bystander = await openBystander(daemon, P99_MS);
    const facts: Fact[] = [];
    const limits = mode === 'quick' ? QUICK_LIMITS : {};
    let worst = 0;
    const watched = async (
      name: string,
      act: () => Promise<readonly Fact[]>,
    ): Promise<void> => {
      const watch = bystander.watch();
      facts.push(...(await act()));
      const { p99, facts: seen } = await watch.end();
      note(`${name}: p99 ${p99.toFixed(1)} ms`);
      worst = Math.max(worst, p99);
      facts.push(
        ...seen.map(({ fact, ...rest }) => ({
          fact: `${name}: ${fact}`,
          ...rest,
        })),
      );
    };

    let hoarded: Hoard | undefined;
    await watched('a gigabyte of durable data', async () => {
      hoarded = await hoard(daemon, limits, () => timeLeftMs() > LONG_MS);
      return hoarded.facts;
    });
    for (const attack of mode === 'quick' ? short : [...short, ...more]) {
      const act = await attack.prepare(daemon, limits);
      await watched(attack.name, async () => [await factOf(attack, act)]);
    }
    const together = amount(long.length, 1);
    for (let first = 0; first < long.length; first += together) {
      const some = long.slice(first, first + together);
      const acts = await Promise.all(
        some.map(
          async (attack) =>
            [attack, await attack.prepare(daemon, limits)] as const,
        ),
      );
      await watched(some.map(({ name }) => name).join(', '), async () =>
        Promise.all(acts.map(async ([attack, act]) => factOf(attack, act))),
      );
    }
    const stored = ((hoarded?.bytes ?? 0) / 1e6).toFixed(0);
    return judge(facts, {
      value: `p99 ${worst.toFixed(1)} ms, ${stored} MB stored`,
      limit: `documented errors, p99 < ${P99_MS} ms, a cap before ${GIGABYTE / 1e6} MB`,
    });
  },
};

const source = vatSource(`
  const peer = () => baggage.get('peer');
  const evaluate = (code) => new Compartment({ E, harden, makeDefaultExo, baggage, peer }).evaluate('(() => {' + code + '})()');
  const things = [];
  return makeDefaultExo('Flooder', {
    bootstrap: (vats) => { baggage.init('peer', vats.peer); },
    run: (code) => evaluate(code),
    sink: () => {},
    things: (count) => harden(Array.from({ length: count }, () => { things.push(makeDefaultExo('Thing', {})); return things.at(-1); })),
    hoard: (from) => { for (let i = from; i < from + ${BATCH}; i += 1) baggage.init('h' + i, 'x'.repeat(${VALUE_CHARS})); },
    read: (i) => baggage.get('h' + i).length,
  });`);

const launchFlooder = async (
  daemon: ScoreDaemon,
  limits: Limits,
): Promise<string> => {
  const { rootKref } = await daemon.launch({
    bootstrap: 'flooder',
    vats: {
      flooder: { bundleSpec: source, placement: 'own', limits },
      peer: { bundleSpec: source, placement: 'own' },
    },
  });
  return rootKref;
};

/** 100,000 of them, to more objects than one message may carry. */
async function manyReferences(
  daemon: ScoreDaemon,
  root: string,
): Promise<Json> {
  const krefs: string[] = [];
  for (let times = 0; times < 2; times += 1) {
    const { slots } = await daemon.client.send(root, 'things', [3900]);
    krefs.push(...slots);
  }
  return Array.from({ length: 1e5 }, (_, i) => ({
    '@ref': krefs[i % krefs.length] ?? '',
  }));
}

/** The daemon's answer: an error as text, with its code, or that there was none. */
const outcomeOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'it was done',
    (thrown: unknown) =>
      thrown instanceof RpcError
        ? `${thrown.code} ${JSON.stringify(thrown.data)?.slice(0, 60)} ${thrown.message}`
        : `lost: ${messageOf(thrown)}`,
  );

/** A code of the list, or one of JSON-RPC's own. */
const isDocumented = (told: string): boolean =>
  errorCodes.some((code) => told.includes(code)) || told.includes('-32600');

const factOf = async (
  { name, told }: Attack,
  act: () => Promise<string>,
): Promise<Fact> => {
  const found = await act();
  return {
    fact: `${name}: a documented error says ${told}`,
    holds: told.test(found) && isDocumented(found),
    found,
  };
};

type Hoard = Readonly<{ bytes: number; facts: readonly Fact[] }>;

/** Stores more and more, in cranks of which each is within its limits. */
const hoard = async (
  daemon: ScoreDaemon,
  limits: Limits,
  isTimeLeft: () => boolean,
): Promise<Hoard> => {
  const root = await launchFlooder(daemon, limits);
  let count = 0;
  let told = '';
  while (count * VALUE_CHARS < GIGABYTE && told === '' && isTimeLeft()) {
    const found = await outcomeOf(daemon.client.call(root, 'hoard', count));
    if (found === 'it was done') count += BATCH;
    else told = found;
  }
  const bytes = count * VALUE_CHARS;
  const length = await daemon.client.call(root, 'read', 0).catch(messageOf);
  return {
    bytes,
    facts: [
      {
        fact: 'durable data over many cranks: a documented error names a limit before there is a gigabyte of it',
        holds:
          bytes < GIGABYTE && isDocumented(told) && /vatstoreBytes/u.test(told),
        found:
          told === '' ? `${bytes / 1e6} MB were taken without a word` : told,
      },
      {
        fact: 'a vat that stores so much still has what it stored first',
        holds: length === VALUE_CHARS,
        found: String(length),
      },
    ],
  };
};

await runAlone(import.meta.url, check);
