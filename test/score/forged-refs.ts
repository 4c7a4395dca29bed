/**
 * Check 22. A host in the wrong hands, under the real daemon and over the real
 * pipes, says what a vat never could. It must cost that vat and nobody else.
 *
 * Sends to objects of another vat are legal for a vat that was given them, so
 * fuzzed frames come from vats that were given nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RpcError } from '@ocap/nodejs/client';
import { messageOf, type Json } from '@ocap/kernel-utils';
import { makeRandom } from '../support/random.ts';
import { forgedLines, prototypes } from './forgeries/forged-lines.ts';
import { forgedSyscalls } from './forgeries/forged-syscalls.ts';
import type { Expected, Forgery } from './forgeries/forgery.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { fuzzFrame } from './forgeries/fuzz-frames.ts';
import {
  launchCompromisedVat,
  launchVat,
  type LaunchedVat,
} from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import { sample } from './tools/sample.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { good, playing, type Script } from './tools/script.ts';

/** Less than the deadline of a delivery: a host that says nothing is not what is looked for. */
const TOLD_MS = 8000;
/** Forgeries at the same time, each against a victim of its own. */
const LANES = 4;
/** Vats that send fuzzed frames at the same time, and the frames of each before it is replaced. */
const AT_ONCE = 8;
const FRAMES_OF_ONE = 4;
const FRAMES_OF_ONE_ROUND = 200;

/** A quick run has time for so many of them; the seed says which. */
const QUICK_FORGERIES = 40;

const forgeries = [...forgedSyscalls, ...forgedLines];
const more = ['constructor', 'toString', 'hasOwnProperty'].flatMap(prototypes);

export const check: Check = {
  number: 22,
  id: 'forged-refs',
  title: 'a compromised host speaks the raw protocol',
  missing: `a quick run plays ${QUICK_FORGERIES} of the forgeries, as the seed has it, and few fuzzed frames`,
  run: async ({ openDaemon, mode, seed, amount, note }) => {
    const daemon = await openDaemon({ compromised: true });
    const facts: Fact[] = [];
    const random = makeRandom(seed);
    const chosen =
      mode === 'quick'
        ? sample(forgeries, QUICK_FORGERIES, random)
        : [...forgeries, ...more];
    const queue = [...chosen];
    const lane = async (): Promise<void> => {
      let victim = await openVictim(daemon);
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { fact, harm } = await attempt(daemon, victim, next);
        facts.push(fact, ...harm);
        // What was done to one must not be found again with the next.
        if (harm.some(({ holds }) => !holds)) victim = await openVictim(daemon);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    note(`${chosen.length} forgeries`);

    const victim = await openVictim(daemon);
    const wanted = amount(32, 5000);
    const tally: Tally = { played: 0, accepted: 0, ended: 0, terminated: 0 };
    while (tally.played < wanted) {
      const count = Math.min(FRAMES_OF_ONE_ROUND, wanted - tally.played);
      const frames = Array.from({ length: count }, () => fuzzFrame(random));
      const before = await victim.rows();
      facts.push(...(await fuzz(daemon, frames, tally)));
      facts.push(...(await victim.unharmed('fuzzed frames', before)));
      note(JSON.stringify(tally));
    }
    return judge(facts, {
      value: `${chosen.length} forgeries, ${tally.played} fuzzed frames`,
      limit: 'vat terminated, no other vat’s rows changed',
    });
  },
};

type Rows = readonly (readonly [query: string, rows: string])[];

/** An honest vat, with something in its heap and in its store that others could change. */
const openVictim = async (daemon: ScoreDaemon) => {
  const { id, root } = await launchVat(
    daemon,
    `let n = 0;
     if (!baggage.has('secret')) baggage.init('secret', 'of the victim');
     const thing = makeDefaultExo('Thing', { hi: () => 'hi' });
     const kits = [];
     return makeDefaultExo('Victim', {
       count: () => { n += 1; return n; },
       thing: () => thing,
       give: (to) => { kits.push(makePromiseKit()); return E(to).take(thing, kits.at(-1).promise); },
     });`,
  );
  // A name holds it: that nobody else does must not change anything about it.
  const thing = (await daemon.client.send(root, 'thing', [])).slots[0] ?? '';
  await daemon.client.rpc('setName', [`thing-${id}`, thing]);
  // Not what an ordinary message to it changes, nor what ends with another vat.
  const queries = [
    `SELECT name, subcluster_id, config, bundle_hash, incarnation FROM vats WHERE id = '${id}'`,
    `SELECT * FROM vatstore WHERE vat_id = '${id}'`,
    `SELECT clist.* FROM clist JOIN objects USING (kref) WHERE endpoint = '${id}' AND owner = '${id}'`,
    `SELECT kref, owner, gone FROM objects WHERE owner = '${id}'`,
    `SELECT kref, state, body FROM promises WHERE decider = '${id}'`,
    `SELECT * FROM names WHERE kref = '${thing}'`,
  ];
  const rows = async (): Promise<Rows> => {
    const found: (readonly [string, string])[] = [];
    for (const query of queries) {
      found.push([query, JSON.stringify(await daemon.query(query))]);
    }
    return found;
  };
  let count = 0;
  return {
    id,
    root,
    rows,
    unharmed: async (name: string, before: Rows): Promise<readonly Fact[]> => {
      count += 1;
      const answer = await daemon.client.call(root, 'count').catch(messageOf);
      const after = await rows();
      const changed = after.filter(([, now], i) => now !== before[i]?.[1]);
      const holds = answer === count;
      return [
        {
          fact: `${name}: the other vat keeps its heap and answers`,
          holds,
          found: String(answer),
        },
        {
          fact: `${name}: no row of another vat has changed`,
          holds: changed.length === 0,
          found: changed.map(
            ([query, now]) =>
              `${query}: ${now}, before ${before.find(([q]) => q === query)?.[1]}`,
          ),
        },
      ];
    },
  };
};

type Victim = Awaited<ReturnType<typeof openVictim>>;

/** What became of the vat, and what its caller was told. */
const play = async (
  daemon: ScoreDaemon,
  { id, root }: LaunchedVat,
  script: Script,
): Promise<Readonly<{ was: string; told: string }>> => {
  const patience = new AbortController();
  const told = await Promise.race([
    daemon.client.send(root, 'play', playing(script)).then(
      ({ body }) => `answered ${body}`,
      (thrown: unknown) =>
        thrown instanceof RpcError
          ? isItsOwn(thrown)
            ? `answered ${thrown.message}`
            : thrown.message
          : `lost: ${messageOf(thrown)}`,
    ),
    delay(TOLD_MS, 'nothing', { signal: patience.signal }).catch(() => ''),
  ]);
  patience.abort();
  const { vats } = await daemon.status();
  const isThere = vats.some((vat) => vat.id === id);
  const was = told.startsWith('answered')
    ? 'harmless'
    : !isThere && /terminated/u.test(told)
      ? 'terminated'
      : isThere && /broke the protocol|met a fault|DELIVERY_FAILED/u.test(told)
        ? 'ended'
        : 'something else';
  return { was, told };
};

/** A rejection by the vat is an answer, too. */
const isItsOwn = ({ data }: RpcError): boolean =>
  (data as { code?: string } | undefined)?.code === 'CALL_REJECTED';

const meets = (was: string, expected: Expected): boolean =>
  expected === 'stopped'
    ? was === 'terminated' || was === 'ended'
    : was === expected;

const attempt = async (
  daemon: ScoreDaemon,
  victim: Victim,
  { name, expected, first, ...script }: Forgery,
): Promise<Readonly<{ fact: Fact; harm: readonly Fact[] }>> => {
  const vat = await launchCompromisedVat(daemon);
  await daemon.client.call(victim.root, 'give', { '@ref': vat.root });
  const fill = (line: string): string =>
    line.replaceAll('$VICTIM', victim.root).replaceAll('$OTHER', victim.id);
  if (first !== undefined) await play(daemon, vat, first);
  const before = await victim.rows();
  const { was, told } = await play(daemon, vat, {
    frames: (script.frames ?? []).map(fill),
    reads: (script.reads ?? []).map(fill),
  });
  const harm = await victim.unharmed(name, before);
  if (was !== 'terminated') {
    await daemon.client.rpc('terminateVat', { id: vat.id }).catch(messageOf);
  }
  const fact: Fact = {
    fact: `a host that ${name} is ${expected}`,
    holds: meets(was, expected),
    found: `${was}: ${told}`,
  };
  return { fact, harm };
};

type Tally = {
  played: number;
  accepted: number;
  ended: number;
  terminated: number;
};

/** Whatever they are, each has an outcome. */
const fuzz = async (
  daemon: ScoreDaemon,
  frames: readonly string[],
  tally: Tally,
): Promise<readonly Fact[]> => {
  const queue = [...frames];
  const facts: Fact[] = [];
  const worker = async (): Promise<void> => {
    while (queue.length > 0) {
      const vat = await launchCompromisedVat(daemon);
      let was = '';
      for (const frame of queue.splice(0, FRAMES_OF_ONE)) {
        if (was === 'terminated') {
          queue.push(frame);
          continue;
        }
        // If the frame itself is not the end of the delivery, this is.
        const found = await play(daemon, vat, { frames: [frame, good] });
        was = found.was;
        tally.played += 1;
        if (was === 'harmless') tally.accepted += 1;
        else if (was === 'ended') tally.ended += 1;
        else if (was === 'terminated') tally.terminated += 1;
        else facts.push(oddFact(frame, found.told));
      }
      await daemon.client.rpc('terminateVat', { id: vat.id }).catch(messageOf);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return facts;
};

const oddFact = (frame: string, told: string): Fact => ({
  fact: `a fuzzed frame is legal, or ends a process or a vat`,
  holds: false,
  found: { frame, told } satisfies Json,
});

await runAlone(import.meta.url, check);
