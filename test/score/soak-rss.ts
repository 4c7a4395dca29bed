/**
 * Check 17. Everything that clients do, all at once and for long. The memory of
 * the daemon must not grow once it is warm, nor the number of its descriptors.
 *
 * For longer, by hand: `SOAK_MINUTES=60 SOAK_KILLS=1 node test/score/soak-rss.ts
 * --full`, with SOAK_KILLS the daemon is killed about every minute, after which
 * the ledgers must be exact.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { makeBooks, type Books } from '../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type BankLoad,
} from '../support/bank-load.ts';
import { makeRandom, type Random } from '../support/random.ts';
import { settleTransfers } from '../support/settle-transfers.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { lookInside } from './tools/inside-daemon.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { minimaOf, slopeOf } from './tools/slope.ts';
import { beginSoak, openSoakScene, type SoakLoad } from './tools/soak-load.ts';
import { restOf, takeSample, type SoakSample } from './tools/soak-samples.ts';

const MIB_A_MINUTE = 1;
/** Of ten parts, the first three are warm-up. */
const PARTS = 10;
const WARM_UP = 3;
/** Each costs the daemon a collection. */
const SAMPLES_A_PART = { quick: 2, full: 9 };
/** Of so many samples in a row the least counts. */
const IN_A_ROW = 3;
/** What the end of the check takes: its books are long. */
const REST_MS = { quick: 7000, full: 30_000 };
/** Between two kills, at least and at most. */
const LIFE_MS = [40_000, 80_000] as const;
/** Leases end in the meantime. */
const DAY_MS = 25 * 60 * 60 * 1000;

export const check: Check = {
  number: 17,
  id: 'soak-rss',
  title: 'all sorts of load for long; memory and descriptors stay',
  missing: 'in quick mode memory is told but not judged',
  run: async ({ openDaemon, mode, seed, timeLeftMs, note }) => {
    const random = makeRandom(seed);
    const kills = process.env['SOAK_KILLS'] === '1';
    const daemon = await openDaemon(lookInside);
    await launchBank(daemon.client);
    const bank = await openBankLoad(daemon.home, random);
    const books = makeBooks(bank);
    const scene = await openSoakScene(daemon, bank, random);
    const before = await restOf(daemon);
    const minutes = Number(process.env['SOAK_MINUTES'] ?? 'NaN');
    const forMs = Number.isNaN(minutes)
      ? timeLeftMs() - REST_MS[mode]
      : minutes * 60_000;

    const load = beginSoak(scene);
    const inAPart = SAMPLES_A_PART[mode];
    const soak = {
      daemon,
      bank,
      books,
      load,
      random,
      forMs,
      inAPart,
      kills,
      note,
    };
    const { samples, facts } = await watch(soak);
    await load.stop();
    const after = await restOf(daemon, before);
    // Of each life there is but one sample, so that there are no lows among many.
    const slopes = slopesOf(samples, kills ? 1 : IN_A_ROW);
    note(`${JSON.stringify(load.counts)} ${JSON.stringify(slopes)}`);

    facts.push(
      {
        fact: 'every answer and refusal is what it should be',
        holds: load.problems.length === 0,
        found: [...load.problems],
      },
      {
        fact: 'each sort of client has done its work many times',
        holds:
          Object.keys(load.counts).length === 9 &&
          Math.min(...Object.values(load.counts)) > 10,
        found: { ...load.counts },
      },
      {
        fact: 'at rest there are the descriptors that there were before',
        holds: after.descriptors.length <= before.descriptors.length,
        found: `${before.descriptors.length} with ${before.hosts} hosts, then ${after.descriptors.length} with ${after.hosts}: ${more(before.descriptors, after.descriptors).join()}`,
      },
      ...(await exact(soak, 0)),
      await none(
        'every purse has what the transfers make',
        books.problems(daemon.client),
      ),
      ...(mode === 'full' && samples.length > PARTS ? [steady(slopes)] : []),
    );
    const acts = Object.values(load.counts).reduce((sum, one) => sum + one, 0);
    return judge(facts, {
      value: `${acts} acts in ${(forMs / 60_000).toFixed(1)} min, memory ${signed(slopes.rss)} MiB/min, heap ${signed(slopes.heap)}, hosts ${signed(slopes.hosts)}, descriptors ${signed(slopes.descriptors)}/min`,
      limit: `memory < ${MIB_A_MINUTE} MiB/min after the warm-up, descriptors constant`,
    });
  },
};

type Soak = Readonly<{
  daemon: ScoreDaemon;
  bank: BankLoad;
  books: Books;
  load: SoakLoad;
  random: Random;
  forMs: number;
  /** Samples. */
  inAPart: number;
  kills: boolean;
  note(text: string): void;
}>;

/** Takes samples, and where that is asked for kills the daemon now and then. */
const watch = async (
  soak: Soak,
): Promise<Readonly<{ samples: readonly SoakSample[]; facts: Fact[] }>> => {
  const { daemon, random, forMs, inAPart, kills, note } = soak;
  const samples: SoakSample[] = [];
  const facts: Fact[] = [];
  const begun = performance.now();
  const everyMs = forMs / (PARTS * inAPart);
  let settled = 0;
  let killAt = random.integer(...LIFE_MS);
  for (let due = everyMs; due <= forMs; due += everyMs) {
    await delay(Math.max(0, begun + due - performance.now()));
    const part = Math.floor((due / forMs) * PARTS);
    const at = due / 60_000;
    const aheadMs = part * DAY_MS;
    // Each life begins small: only what it has at its end can be compared.
    if (kills && due < killAt) continue;
    samples.push(await takeSample(daemon, { at, aheadMs }));
    if (samples.length % inAPart === 0 || kills) {
      note(JSON.stringify(samples.at(-1)));
    }
    if (!kills) continue;
    await soak.load.throughDeath(async () => {
      await daemon.kill();
      await daemon.start();
    });
    killAt = performance.now() - begun + random.integer(...LIFE_MS);
    const compare = async () => exact(soak, settled);
    facts.push(...(await soak.load.withoutTransfers(compare)));
    settled = soak.bank.transfers.length;
  }
  return { samples, facts };
};

/** Everything that was asked for up to now has happened once. */
const exact = async (
  { daemon: { client }, bank, books }: Soak,
  since: number,
): Promise<readonly Fact[]> => {
  const total = await client.call('bank', 'total');
  return [
    {
      fact: 'the sum is what it was',
      holds: total === bank.total,
      found: String(total),
    },
    await none(
      'every transfer counts as its client was told',
      settleTransfers(client, { bank, books, since }),
    ),
  ];
};

const none = async (
  fact: string,
  problems: Promise<readonly string[]>,
): Promise<Fact> => {
  const found = [...(await problems)];
  return { fact, holds: found.length === 0, found };
};

type Slopes = Readonly<
  Record<'rss' | 'heap' | 'hosts' | 'descriptors', number>
>;

/** Per minute, after the warm-up. */
const slopesOf = (samples: readonly SoakSample[], inARow: number): Slopes => {
  const warm = samples.slice(Math.ceil((samples.length * WARM_UP) / PARTS));
  const slope = (name: keyof Slopes): number =>
    slopeOf(
      minimaOf(
        warm.map((sample) => ({ at: sample.at, value: sample[name] })),
        inARow,
      ),
    );
  return {
    rss: slope('rss'),
    heap: slope('heap'),
    hosts: slope('hosts'),
    descriptors: slope('descriptors'),
  };
};

const steady = ({ rss, descriptors }: Slopes): Fact => ({
  fact: `after the warm-up, memory grows by less than ${MIB_A_MINUTE} MiB a minute, and the descriptors do not`,
  holds: rss < MIB_A_MINUTE && descriptors < 1,
  found: `${signed(rss)} MiB and ${signed(descriptors)} descriptors a minute`,
});

const signed = (value: number): string =>
  `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

const more = (
  before: readonly string[],
  after: readonly string[],
): readonly string[] => {
  const left = [...before];
  return after.filter((each) => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

await runAlone(import.meta.url, check);
