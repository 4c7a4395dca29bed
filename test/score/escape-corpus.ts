/**
 * Check 23. Published ways out of sandboxes (`escapes/`), each tried in a vat of
 * its own that shares its process with a neighbour. Whatever a probe was meant to
 * gain, it may gain nothing at all; and the same probes must be seen to gain
 * something where nothing holds them back, or their failing would say nothing.
 */
import { vatGlobals } from '../../packages/kernel/src/vat-globals.ts';
import { messageOf, type Json } from '@ocap/kernel-utils';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { makeRandom } from '../support/random.ts';
import { corpus } from './escapes/corpus.ts';
import { gains, type Probe } from './escapes/probe.ts';
import { neighbourVat, probingVat } from './escapes/vats.ts';
import { gainsWithoutWalls } from './escapes/without-walls.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import { sample } from './tools/sample.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

/** As much code of the host as a vat can have; `fetch` it has only with hosts that it may reach. */
const granted = vatGlobals.filter((name) => name !== 'fetch');

/** A vat for each probe with all that it can ask for, or with nothing; or one vat for all of them. */
const ways = ['with all globals', 'without globals', 'in one vat'] as const;
type Way = (typeof ways)[number];

/** There is no time for all of them in quick mode. */
const QUICK_PROBES = 64;
const LEAST_PROBES = 20;
const QUICK_WITHOUT = 12;
/** For the same probes without walls, and the end; then no more are begun in a vat. */
const END_MS = { quick: 7000, full: 60_000 };

export const check: Check = {
  number: 23,
  id: 'escape-corpus',
  title: 'published ways out of sandboxes, in a vat with a neighbour',
  run: async ({ openDaemon, mode, seed, amount, timeLeftMs, note }) => {
    const random = makeRandom(seed);
    const secret = `secret-${random.integer(1e9, 2e9)}-${random.integer(1e9, 2e9)}`;
    const daemon = await openDaemon();
    const neighbour = await launchNeighbour(daemon, secret);
    const facts = [...(await planted(daemon, neighbour, secret))];
    const probes = sample(corpus, amount(QUICK_PROBES, corpus.length), random);
    const isTime = (): boolean => timeLeftMs() > END_MS[mode];
    let tried = probes;
    for (const way of mode === 'quick' ? ways.slice(0, 1) : ways) {
      const scene = { daemon, neighbour, secret, way, isTime };
      const { count, facts: found } = await tryAll(scene, probes);
      facts.push(...found);
      note(`${count} probes ${way}`);
      tried = tried.slice(0, count);
    }
    const least = amount(LEAST_PROBES, corpus.length);
    facts.push({
      fact: `${least} probes at least are tried`,
      holds: tried.length >= least,
      found: tried.length,
    });
    const again = sample(tried, amount(QUICK_WITHOUT, tried.length), random);
    const shown = await withoutWalls(again);
    return judge([...facts, ...shown.facts], {
      value: `${tried.length} probes${mode === 'full' ? ` in ${ways.length} ways` : ''}; without walls, ${shown.count} of ${again.length} gain what they are for`,
      limit:
        'none gets a host function, changes a shared intrinsic or reaches another vat’s secret',
    });
  },
};

type Scene = Readonly<{
  daemon: ScoreDaemon;
  /** Its root. */
  neighbour: string;
  secret: string;
  way: Way;
  /** Whether there is any for one more probe. */
  isTime(): boolean;
}>;

const launchNeighbour = async (
  { launch, client }: ScoreDaemon,
  secret: string,
): Promise<string> => {
  const { rootKref } = await launch({
    bootstrap: 'neighbour',
    vats: {
      neighbour: {
        bundleSpec: vatSource(neighbourVat),
        placement: 'shared',
        globals: granted,
      },
    },
  });
  await client.call(rootKref, 'begin', secret);
  return rootKref;
};

const tryAll = async (
  scene: Scene,
  probes: readonly Probe[],
): Promise<Readonly<{ count: number; facts: readonly Fact[] }>> => {
  const { daemon, neighbour, way } = scene;
  const facts: Fact[] = [];
  let count = 0;
  const before = await processes(daemon);
  let prober = await launchProber(daemon, way);
  for (const probe of probes) {
    if (!scene.isTime()) break;
    count += 1;
    facts.push(...(await tryOne(scene, prober.rootKref, probe)));
    if (way === 'in one vat') continue;
    const id = prober.subclusterId;
    await daemon.client.rpc('terminateSubcluster', { id });
    prober = await launchProber(daemon, way);
  }
  const after = await processes(daemon);
  facts.push(
    {
      fact: `${way}: all of it happens in one process, which goes on`,
      holds: before.length === 1 && after.join() === before.join(),
      found: [...before, 'and then', ...after],
    },
    {
      fact: `${way}: the neighbour can still be called`,
      holds:
        (await daemon.client.call(neighbour, 'hi', 'you').catch(messageOf)) ===
        'hi you',
    },
  );
  const id = prober.subclusterId;
  await daemon.client.rpc('terminateSubcluster', { id });
  return { count, facts };
};

const launchProber = async ({ launch }: ScoreDaemon, way: Way) =>
  launch({
    bootstrap: 'prober',
    vats: {
      prober: {
        bundleSpec: vatSource(probingVat),
        placement: 'shared',
        ...(way === 'without globals' ? {} : { globals: granted }),
      },
    },
  });

/** Of all vats. */
const processes = async ({ status }: ScoreDaemon): Promise<readonly string[]> =>
  [
    ...new Set((await status()).vats.map(({ host }) => String(host?.pid))),
  ].filter((pid) => pid !== 'undefined');

/** What would be seen of a probe that succeeded: here the check itself lets it. */
const planted = async (
  daemon: ScoreDaemon,
  neighbour: string,
  secret: string,
): Promise<readonly Fact[]> => {
  const { rootKref, subclusterId } = await launchProber(daemon, ways[0]);
  const way = ways[0];
  const scene = { daemon, neighbour, secret, way, isTime: () => true };
  const seen = async (code: string): Promise<readonly boolean[]> => {
    const probe = { name: 'x', source: 'x', gains: 'host', code } as const;
    return (await tryOne(scene, rootKref, probe)).map(({ holds }) => holds);
  };
  const { client } = daemon;
  const host = await seen('take({ inside: { versions: { node: "26" } } });');
  const evaluator = await seen(
    'take((text) => () => text.includes("process") ? "object" : "");',
  );
  await client.call(neighbour, 'spoil', true);
  const shared = await seen('take(1);');
  await client.call(neighbour, 'spoil', false);
  const taken = await seen(`take({ inside: ${JSON.stringify(secret)} });`);
  const none = await seen('take(1);');
  await client.rpc('terminateSubcluster', { id: subclusterId });
  return [
    { fact: 'what is of the host is seen', seen: host, at: 1 },
    { fact: 'what evaluates outside is seen', seen: evaluator, at: 1 },
    { fact: 'what has changed is seen', seen: shared, at: 2 },
    { fact: 'a secret that was taken is seen', seen: taken, at: 3 },
    { fact: 'nothing is seen where there is nothing', seen: none, at: -1 },
  ].map(({ fact, seen: holds, at }) => ({
    fact,
    holds: holds.every((one, index) => one === (index !== at)),
    found: [...holds],
  }));
};

type Findings = Readonly<{ found: readonly string[]; texts: string }>;

const tryOne = async (
  { daemon: { client }, neighbour, secret, way }: Scene,
  prober: string,
  { name, source, code }: Probe,
): Promise<readonly Fact[]> => {
  const what = `${name} (${source}), ${way}`;
  const end = String(
    await client
      .call(prober, 'run', code, { '@ref': neighbour }, [1, 2, 3])
      .catch((thrown: unknown) => `lost: ${messageOf(thrown)}`),
  );
  // First the neighbour works, which is when traps that were set would catch it.
  const changed = (await client
    .call(neighbour, 'check')
    .catch((thrown: unknown) => [messageOf(thrown)])) as Json[];
  const { found, texts } = (await client
    .call(prober, 'findings')
    .catch((thrown: unknown) => ({
      found: [messageOf(thrown)],
      texts: '',
    }))) as Findings;
  return [
    {
      fact: `${what}: it is tried`,
      holds: /^(?:threw |it came to its end$)/u.test(end),
      found: end,
    },
    {
      fact: `${what}: not ${gains.host}`,
      holds: found.length === 0,
      found: [...found],
    },
    {
      fact: `${what}: not ${gains.shared}`,
      holds: changed.length === 0,
      found: changed,
    },
    {
      fact: `${what}: not ${gains.secret}`,
      holds: !texts.includes(secret),
    },
  ];
};

/** That they are seen to succeed where they can. */
const withoutWalls = async (
  probes: readonly Probe[],
): Promise<Readonly<{ count: number; facts: readonly Fact[] }>> => {
  const gained = await gainsWithoutWalls(probes);
  const gainsIt = ({ name, gains: gain }: Probe): boolean =>
    gained.get(name)?.includes(gain) === true;
  return {
    count: probes.filter(gainsIt).length,
    facts: probes
      .filter(({ harmless }) => harmless === undefined)
      .map((probe) => ({
        fact: `without walls, ${probe.name} (${probe.source}): ${gains[probe.gains]}`,
        holds: gainsIt(probe),
        found: [...(gained.get(probe.name) ?? [])],
      })),
  };
};

await runAlone(import.meta.url, check);
