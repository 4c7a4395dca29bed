/**
 * A scenario of which the first call to the disk fails, then the second, and so
 * on, until one run of it is clean. After each, the books of a bank must be as
 * its clients were told, and a daemon that cannot know what is on disk be gone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@ocap/kernel-utils';
import { makeBooks, type Books } from '../../support/bank-books.ts';
import {
  launchBank,
  openBankLoad,
  type BankLoad,
  type Transfer,
} from '../../support/bank-load.ts';
import type { Random } from '../../support/random.ts';
import type { Fact } from './facts.ts';
import { ledgerFacts } from './ledger-facts.ts';
import type { Fault, FaultPlace, FaultyDisk } from './faulty-disk.ts';
import { hasEnded } from './has-ended.ts';
import type { ScoreDaemon } from './score-daemon.ts';

export type SweepWorld = Readonly<{
  daemon: ScoreDaemon;
  disk: FaultyDisk;
  bank: BankLoad;
  books: Books;
}>;

export type Acted = Readonly<{
  /** Why a start came to nothing. */
  refusal?: string;
  /** What was answered, and is not so. */
  wrong?: readonly string[];
}>;

export type Scenario = Readonly<{
  name: string;
  faults: readonly Fault[];
  /** Which calls are meant. */
  where?: FaultPlace;
  /** What it needs, before anything fails. */
  prepare?(world: SweepWorld): Promise<void>;
  act(world: SweepWorld): Promise<Acted>;
}>;

export type Sweep = Readonly<{
  facts: readonly Fact[];
  /** About how many there are that can fail. */
  calls: number;
  /** How often one did. */
  hits: number;
  /** How often the daemon ended over it. */
  deaths: number;
}>;

/** After so many runs that the daemon survived, it is killed: what is on disk must be the same. */
const KILL_EVERY = 20;
const RESUME_MS = 5000;
/** How many calls there are is another number each time: so many runs must be clean, one after the other. */
const CLEAN_RUNS = 3;
/** A call that does not come. */
const NEVER = 1_000_000;

export const openSweepWorld = async (
  daemon: ScoreDaemon,
  disk: FaultyDisk,
  random: Random,
): Promise<SweepWorld> => {
  await launchBank(daemon.client);
  const bank = await openBankLoad(daemon.home, random);
  return { daemon, disk, bank, books: makeBooks(bank) };
};

/** One after the other, under way together, each by its id. */
export const transfer = async (
  { daemon, bank }: SweepWorld,
  count: number,
): Promise<void> => {
  const client = daemon.openClient();
  const transfers = Array.from({ length: count }, (_, at) =>
    bank.invent(at % 2 === 0 ? 'purse' : 'clerk'),
  );
  // Whoever is not answered asks again, afterwards.
  await Promise.all(
    transfers.map(async (each: Transfer) =>
      bank.ask(client, each).catch(messageOf),
    ),
  );
  client.close();
};

type SweepOptions = Readonly<{
  fault: Fault;
  /** Where this is too little for every call, every n-th of them fails. */
  budgetMs: number;
  /** Whether it goes on until a run is clean, or just until the time is over. */
  toTheEnd: boolean;
  random: Random;
  /** How many calls there are, by scenario and kind: for the next fault of the kind. */
  counts: Map<string, number>;
}>;

export const sweep = async (
  world: SweepWorld,
  scenario: Scenario,
  { fault, budgetMs, toTheEnd, random, counts }: SweepOptions,
): Promise<Sweep> => {
  const begun = performance.now();
  const spent = (): number => performance.now() - begun;
  await scenario.prepare?.(world);
  const facts: Fact[] = [];
  const sum = { hits: 0, deaths: 0 };
  let runs = 0;
  const fail = async (nth: number): Promise<Run> => {
    const run = await runOnce(world, { ...scenario, fault, nth });
    runs += 1;
    facts.push(...run.facts);
    sum.hits += run.isClean ? 0 : 1;
    sum.deaths += run.hasDied ? 1 : 0;
    return run;
  };
  const key = `${scenario.name} ${kindOf(fault)}`;
  const calls = counts.get(key) ?? (await fail(NEVER)).calls;
  counts.set(key, calls);
  /** More than that in some runs. */
  let most = calls;
  /** So that what is left fits into the time that is left; when that is over, beyond every call. */
  const step = (nth: number): number => {
    const eachMs = spent() / Math.max(1, runs);
    const leftMs = budgetMs - spent();
    if (leftMs <= 0) return NEVER;
    return Math.max(1, Math.ceil(((most - nth) * eachMs) / leftMs));
  };
  const stride = toTheEnd ? step(0) : calls;
  let nth = random.integer(1, Math.max(1, Math.min(stride, calls)));
  let cleanRuns = 0;
  while (toTheEnd ? cleanRuns < CLEAN_RUNS : nth <= calls) {
    const { isClean, calls: found } = await fail(nth);
    most = Math.max(most, found);
    cleanRuns = isClean ? cleanRuns + 1 : 0;
    nth += toTheEnd ? step(nth) : calls;
  }
  if (toTheEnd) {
    facts.push({
      fact: `${scenario.name}, ${fault}: some calls failed`,
      holds: sum.hits > 0 || calls === 0,
    });
  }
  return { facts, calls, ...sum };
};

/** The last word of its name. */
const kindOf = (fault: Fault): string =>
  /sync|read|write/u.exec(fault)?.[0] ?? '';

type Run = Readonly<{
  facts: readonly Fact[];
  /** Of the kind that fails. */
  calls: number;
  isClean: boolean;
  hasDied: boolean;
}>;

let survived = 0;

const runOnce = async (
  world: SweepWorld,
  {
    name,
    fault,
    nth,
    where,
    act,
  }: Omit<Scenario, 'faults'> & Readonly<{ fault: Fault; nth: number }>,
): Promise<Run> => {
  const { daemon, disk, bank } = world;
  const since = bank.transfers.length;
  const pid = daemon.pid();
  disk.failAt(fault, nth, where);
  const { refusal, wrong = [] } = await act(world);
  const { calls, hits, hit } = disk.found();
  const isClean = hits === 0;
  const facts: Fact[] = [
    {
      fact: 'nothing that was read is wrong',
      holds: wrong.length === 0,
      found: [...wrong],
    },
  ];
  if (fault === 'EIO at a sync' && !isClean && daemon.pid() === pid) {
    facts.push({ fact: 'it ends', holds: await hasEnded(daemon.home) });
  }
  if (refusal !== undefined) {
    facts.push(
      {
        fact: 'who does not start is gone',
        holds: await hasEnded(daemon.home),
        found: refusal,
      },
      {
        fact: 'who does not start says why',
        holds: !isClean && /\S{3}/u.test(refusal),
        found: refusal,
      },
    );
  }
  disk.mend();
  const before = daemon.pid();
  facts.push(await resumes(daemon));
  const hasDied = daemon.pid() !== before;
  survived += hasDied ? 0 : 1;
  if (!hasDied && survived % KILL_EVERY === 0) {
    await daemon.kill();
    await daemon.start();
  }
  facts.push(...(await ledgerFacts(world, since)));
  const what = `${name}, ${fault}, call ${nth} (${hit || 'none'})`;
  return {
    facts: facts.map(({ fact, ...rest }) => ({
      fact: `${what}: ${fact}`,
      ...rest,
    })),
    calls,
    isClean,
    hasDied,
  };
};

/** It may have been refused until now that anything is stored; or it has ended, and is started. */
const resumes = async (daemon: ScoreDaemon): Promise<Fact> => {
  const begun = performance.now();
  let problem: string | undefined;
  do {
    if (daemon.home.daemonPid() === undefined) await daemon.start();
    problem = await daemon.client
      .call('bank', 'total')
      .then(() => undefined, messageOf);
    if (problem !== undefined) await delay(20);
  } while (problem !== undefined && performance.now() - begun < RESUME_MS);
  return {
    fact: 'it takes calls again',
    holds: problem === undefined,
    found: problem ?? '',
  };
};
