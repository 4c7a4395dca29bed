/**
 * Check 24. Names that every object inherits, wherever a name can be given:
 * methods, keys, petnames, vats, configs, requests, baggage. None of them may be
 * taken for something that is there, and no prototype may change, neither in the
 * daemon nor in a vat.
 */
import type { Json } from '@ocap/kernel-utils';
import { censusSource } from '../../packages/nodejs/src/testing/census-vat.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { askInside, lookInside } from './tools/inside-daemon.ts';
import { launchVat } from './tools/launch-vat.ts';
import {
  asIds,
  asKeys,
  asMethods,
  asPetnames,
  asRpcMethods,
} from './tools/names-at-socket.ts';
import { asFields, asVatNames } from './tools/names-in-configs.ts';
import { factOf, outcomeOf } from './tools/outcome-of.ts';
import { attempts, harmless, inherited, special } from './tools/pollution.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

export const check: Check = {
  number: 24,
  id: 'proto-pollution',
  title: 'names that every object inherits, in every place',
  run: async ({ openDaemon }) => {
    const daemon = await openDaemon(lookInside);
    const { prototypes } = await askInside(daemon);
    const witness = await launchVat(daemon, censusSource, {
      placement: 'shared',
    });
    const census = async (): Promise<string> =>
      JSON.stringify(await daemon.client.call(witness.root, 'census'));
    const before = await census();
    const { root } = await launchVat(daemon, target, { placement: 'shared' });

    const facts = [
      ...(await asRpcMethods(daemon)),
      ...(await asMethods(daemon, root)),
      ...(await asKeys(daemon, root)),
      ...(await asPetnames(daemon, root)),
      ...(await asIds(daemon, root)),
      ...(await asVatNames(daemon)),
      ...(await asFields(daemon)),
      ...(await inBaggage(daemon, root)),
      ...(await byCode(daemon, root)),
    ];

    const after = (await askInside(daemon)).prototypes;
    facts.push(
      {
        fact: 'the prototypes in the daemon are what they were',
        holds: JSON.stringify(after) === JSON.stringify(prototypes),
        found: after.filter((line, i) => line !== prototypes[i]),
      },
      {
        fact: 'all that a vat in the same process can reach is what it was',
        holds: (await census()) === before,
      },
    );
    return judge(facts, {
      limit: 'prototypes unchanged, no inherited method callable, right errors',
    });
  },
};

const target = `
  const polluted = () => [{}, [], () => {}, '', 1, Promise.resolve(), Error(), new Map()].some((it) => it.polluted !== undefined);
  const table = () => { if (!baggage.has('table')) baggage.init('table', VatData.makeScalarBigMapStore('table', { durable: true })); return baggage.get('table'); };
  return makeDefaultExo('Target', {
    hi: () => 'hi',
    echo: (x) => x,
    polluted,
    keep: (keys) => { for (const key of keys) { baggage.init(key, 'b ' + key); table().init(key, 't ' + key); } },
    had: (keys) => harden(keys.map((key) => [baggage.has(key), table().has(key)])),
    kept: (keys) => harden(keys.map((key) => [baggage.get(key), table().get(key)])),
    evaluate: (code) => { try { return String((0, eval)(code)); } catch (e) { return 'throws ' + e.message; } },
  });`;

const inBaggage = async (
  daemon: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  const { client } = daemon;
  const keys = [...inherited, ...special];
  const had = (await client.call(root, 'had', keys)) as Json[];
  await client.call(root, 'keep', keys);
  await daemon.kill();
  await daemon.start();
  const kept = (await client.call(root, 'kept', keys)) as Json[];
  return keys.flatMap((key, i) => [
    {
      fact: `the key ${key} is not there before it is put`,
      holds: JSON.stringify(had[i]) === '[false,false]',
      found: had[i] ?? null,
    },
    {
      fact: `the key ${key} is kept over a restart`,
      holds:
        JSON.stringify(kept[i]) === JSON.stringify([`b ${key}`, `t ${key}`]),
      found: kept[i] ?? null,
    },
  ]);
};

const byCode = async (
  { client }: ScoreDaemon,
  root: string,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const code of attempts) {
    const found = String(await client.call(root, 'evaluate', code));
    facts.push(factOf(code, found, /^throws /u));
  }
  for (const code of harmless) {
    await client.call(root, 'evaluate', code);
  }
  const polluted = await outcomeOf(client.call(root, 'polluted'));
  facts.push(
    factOf('nothing is polluted by code', polluted, /^answered false$/u),
  );
  return facts;
};

await runAlone(import.meta.url, check);
