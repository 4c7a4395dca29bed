/** Vats that export objects, vats and clients that hold them, and the chance that lets go of them. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@ocap/kernel-utils';
import {
  exporterSource,
  kinds,
  styles,
  type Style,
} from '../../../packages/nodejs/src/testing/gc-vats.ts';
import type { Random } from '../../support/random.ts';
import type { Fact } from './facts.ts';
import { askInside, moveClock } from './inside-daemon.ts';
import { launchVat, type LaunchedVat } from './launch-vat.ts';
import { meet } from './meet.ts';
import { sample } from './sample.ts';
import type { ScoreDaemon } from './score-daemon.ts';

/** Holds what it is given in one of several ways, and recognises it by a weak collection of each sort. */
const importerSource = `
  const provide = (name, maker) => { if (!baggage.has(name)) baggage.init(name, VatData[maker](name, { durable: true })); return baggage.get(name); };
  const strong = { heap: new Map(), virtual: VatData.makeScalarBigMapStore('strong'), durable: provide('strong', 'makeScalarBigMapStore') };
  const weak = { heap: new WeakMap(), virtual: VatData.makeScalarBigWeakMapStore('weak'), durable: provide('weak', 'makeScalarBigWeakMapStore') };
  const put = (map, k, v) => { map.init ? map.init(k, v) : map.set(k, v); };
  return makeDefaultExo('Importer', {
    take(things) { for (const [label, style, thing] of things) { put(strong[style], label, thing); put(weak[style], thing, label); } },
    drop(labels) { for (const [label, style] of labels) strong[style].delete(label); },
    callAll: (labels) => Promise.all(labels.map(([label, style]) => {
      const thing = strong[style].get(label);
      return weak[style].get(thing) === label ? E(thing).hi().catch((e) => e.message) : 'it is not recognised';
    })),
  });`;

/** Objects that are made, given and dropped with one message. */
const BATCH = 400;
/** Batches that are there at the same time. */
const ALIVE = 8;
/** Of how many of them somebody lets go at the same time. */
const AT_ONCE = 3;
/** Beyond the lease of every reference that a client was given. */
const TWO_DAYS_MS = 48 * 60 * 60 * 1000;
/** In bytes: what the heaps of the daemons, and of the hosts of both, hold after a collection. */
export type Memory = Readonly<{ daemon: number; far: number; hosts: number }>;
/** Vats that hold: two of the same daemon, and one of another. */
const importerNames = ['a', 'b', 'far'] as const;
type ImporterName = (typeof importerNames)[number];
/** Who holds the objects of a batch; each goes once, in any order. */
type Holder = 'exporter' | ImporterName | 'client' | 'names';
type Batch = {
  readonly exporter: LaunchedVat;
  readonly labels: readonly string[];
  readonly style: Readonly<Record<ImporterName, Style>>;
  readonly krefs: readonly string[];
  readonly holders: Set<Holder>;
};

/** What is done to a batch at a time. */
type Act = Readonly<{ batch: Batch; holder: Holder; look: boolean }>;

export const openGcWorld = async ({
  daemon,
  far,
  random,
}: Readonly<{ daemon: ScoreDaemon; far: ScoreDaemon; random: Random }>) => {
  const { client } = daemon;
  const exporters: LaunchedVat[] = [];
  for (const kind of kinds) {
    exporters.push(await launchVat(daemon, exporterSource(kind)));
  }
  const near = {
    a: await launchVat(daemon, importerSource),
    b: await launchVat(daemon, importerSource),
  };
  const farImporter = await launchVat(far, importerSource);
  // By name, so that it outlives the lease of whoever redeemed its URL.
  const name = 'far-importer';
  await meet({ from: far, to: daemon, root: farImporter.root, name });
  const importers: Readonly<Record<ImporterName, string>> = {
    a: near.a.root,
    b: near.b.root,
    far: name,
  };
  const vats = [
    ...[...exporters, near.a, near.b].map((vat) => [client, vat] as const),
    [far.client, farImporter] as const,
  ];
  let made = 0;
  let aheadMs = 0;

  const batches: Batch[] = [];
  const endLeases = async (): Promise<void> => {
    aheadMs += TWO_DAYS_MS;
    await Promise.all([daemon, far].map((one) => moveClock(one, aheadMs)));
    await client.rpc('collectGarbage');
    for (const { holders } of batches) holders.delete('client');
  };

  const styled = (
    { labels, style }: Batch,
    who: ImporterName,
  ): [string, Style][] => labels.map((label) => [label, style[who]]);

  /** What chance says of a batch before anything of it is there. */
  const draw = () => ({
    exporter: random.pick(exporters),
    labels: Array.from({ length: BATCH }, () => `x${(made += 1)}`),
    style: {
      a: random.pick(styles),
      b: random.pick(styles),
      far: random.pick(styles),
    },
    takers: importerNames.filter(() => random.integer(1, 2) === 1),
    isNamed: random.integer(1, 4) === 1,
  });

  const make = async ({
    exporter,
    labels,
    style,
    takers,
    isNamed,
  }: ReturnType<typeof draw>): Promise<Batch> => {
    const { root } = exporter;
    await client.call(root, 'make', labels);
    const { slots } = await client.send(root, 'things', [labels]);
    const batch: Batch = {
      exporter,
      labels,
      style,
      krefs: slots,
      holders: new Set(['exporter', 'client']),
    };
    await Promise.all(
      takers.map(async (who) => {
        const to = { '@ref': importers[who] };
        await client.call(root, 'give', to, styled(batch, who));
      }),
    );
    // In the order of their names: chance picks among them.
    for (const who of takers) batch.holders.add(who);
    if (isNamed) {
      const named = slots.slice(0, 5);
      await Promise.all(
        named.map(async (kref) => client.rpc('setName', [`n-${kref}`, kref])),
      );
      batch.holders.add('names');
    }
    return batch;
  };

  /** As many new ones as there is place for, once half of the places are free. */
  const fill = async (last: number): Promise<void> => {
    if (batches.length > ALIVE / 2) return;
    const drawn: ReturnType<typeof draw>[] = [];
    while (batches.length + drawn.length < ALIVE && made < last) {
      drawn.push(draw());
    }
    batches.push(...(await Promise.all(drawn.map(make))));
  };

  const release = async (batch: Batch, holder: Holder): Promise<void> => {
    batch.holders.delete(holder);
    switch (holder) {
      case 'exporter':
        await client.call(batch.exporter.root, 'drop', [...batch.labels]);
        break;
      case 'a':
      case 'b':
      case 'far':
        await client.call(importers[holder], 'drop', styled(batch, holder));
        break;
      case 'names':
        await Promise.all(
          batch.krefs
            .slice(0, 5)
            .map(async (kref) => client.rpc('removeName', [`n-${kref}`])),
        );
        break;
      case 'client':
        // A lease ends by itself, and with it all that are as old.
        await endLeases();
        break;
      default:
        holder satisfies never;
    }
  };

  /** Whoever holds it can call it. */
  const insistAlive = async (batch: Batch): Promise<readonly Fact[]> => {
    const facts: Fact[] = [];
    const at = random.integer(0, BATCH - 1);
    const label = batch.labels[at] ?? '';
    const add = (who: string, answer: unknown): void => {
      facts.push({
        fact: `${who} can call what it holds`,
        holds: JSON.stringify(answer) === JSON.stringify(`hi ${label}`),
        found: `${label}: ${String(answer)}`,
      });
    };
    const askVat = async (who: ImporterName): Promise<void> => {
      const answers = await client
        .call(importers[who], 'callAll', [[label, batch.style[who]]])
        .catch(messageOf);
      add(`vat ${who}`, Array.isArray(answers) ? answers[0] : answers);
    };
    const askAsClient = async (): Promise<void> =>
      add(
        'a client',
        await client.call(batch.krefs[at] ?? '', 'hi').catch(messageOf),
      );
    await Promise.all([
      ...importerNames.filter((who) => batch.holders.has(who)).map(askVat),
      ...(batch.holders.has('client') ? [askAsClient()] : []),
    ]);
    return facts;
  };

  /** So many are made, held and let go, until nothing is left of them. */
  const live = async (count: number): Promise<readonly Fact[]> => {
    const facts: Fact[] = [];
    const last = made + count;
    while (made < last || batches.length > 0) {
      await fill(last);
      const acts = sample(batches, AT_ONCE, random).map((batch) => ({
        batch,
        holder: random.pick([...batch.holders]),
        look: random.integer(1, 3) === 1,
      }));
      const act = async ({ batch, holder, look }: Act): Promise<void> => {
        if (!batch.holders.has(holder)) return;
        if (look) facts.push(...(await insistAlive(batch)));
        await release(batch, holder);
      };
      // A lease that ends is one of many: nobody may look meanwhile.
      await Promise.all(
        acts.filter(({ holder }) => holder !== 'client').map(act),
      );
      for (const one of acts) if (one.holder === 'client') await act(one);
      const gone = batches.filter(({ holders }) => holders.size === 0);
      for (const each of gone) batches.splice(batches.indexOf(each), 1);
    }
    await settle();
    return facts;
  };

  const collect = async (): Promise<void> => {
    await client.rpc('collectGarbage');
    await far.client.rpc('collectGarbage');
    // One that is busy with its dead objects may not answer at once.
    for (const [asked, { id }] of vats) {
      await asked.rpc('pingVat', { id }).catch(messageOf);
    }
  };

  /** All vats give up what they hold for nobody. */
  const settle = async (): Promise<void> => {
    await endLeases();
    let before = '';
    for (let quiet = 0; quiet < 3;) {
      await collect();
      await delay(30);
      const now = JSON.stringify(await rows());
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
  };

  /** Of both daemons. */
  const rows = async (): Promise<Readonly<Record<string, number>>> => {
    const there = await rowCounts(far);
    const renamed = Object.entries(there).map(
      ([table, count]) => [`${table} of the other daemon`, count] as const,
    );
    return { ...(await rowCounts(daemon)), ...Object.fromEntries(renamed) };
  };

  return {
    live,
    rows,
    memory: async (): Promise<Memory> => {
      await collect();
      const [here, there] = await Promise.all([
        askInside(daemon, aheadMs),
        askInside(far, aheadMs),
      ]);
      const statuses = [await daemon.status(), await far.status()];
      return {
        daemon: here.bytes,
        far: there.bytes,
        hosts: statuses
          .flatMap(({ hosts }) => hosts)
          .filter(({ spare }) => !spare)
          .reduce((sum, { heapBytes = NaN }) => sum + heapBytes, 0),
      };
    },
  };
};

/** Of every table that there is. */
const rowCounts = async (
  daemon: ScoreDaemon,
): Promise<Readonly<Record<string, number>>> => {
  const tables = await daemon.query(
    "SELECT name FROM sqlite_schema WHERE type = 'table'",
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await daemon.query(`SELECT count(*) AS n FROM "${name}"`);
    counts[String(name)] = Number(row?.['n']);
  }
  return counts;
};
