/**
 * Check 7. One call of the daemon to the files of its home fails: a write with
 * EIO, with ENOSPC or after a part of it, a sync, a read. The first one, then the
 * second, and so on until nothing fails. It fails while clients move money, while
 * the log is copied into the database, while a vat reads what is on disk only, and
 * while the daemon stops and starts.
 */
import { messageOf } from '@ocap/kernel-utils';
import { makeRandom, type Random } from '../support/random.ts';
import type { Check, ScoreRun } from './tools/check.ts';
import { openColdLibrary, type ColdLibrary } from './tools/cold-library.ts';
import { judge } from './tools/facts.ts';
import {
  openSweepWorld,
  sweep,
  transfer,
  type Scenario,
  type Sweep,
} from './tools/fault-sweep.ts';
import { faults, openFaultyDisk } from './tools/faulty-disk.ts';
import { runAlone } from './tools/run-alone.ts';
import { shuffled } from './tools/shuffled.ts';

/** Longer than the log needs to get long, also where it was not copied just now. */
const COPIED_MS = 3000;

const underLoad: Scenario = {
  name: 'under load',
  faults,
  act: async (world) => {
    await transfer(world, 2);
    return {};
  },
};

const copying: Scenario = {
  name: 'the log is copied',
  // Of the database, nothing is read for that.
  faults: faults.filter((fault) => fault !== 'EIO at a read'),
  where: { only: 'kernel.sqlite', isSmall: true },
  act: async (world) => {
    const begun = performance.now();
    do {
      await transfer(world, 2);
      // It is copied in one go.
    } while (
      world.disk.found().calls === 0 &&
      performance.now() - begun < COPIED_MS
    );
    return {};
  },
};

/** Rows that are on disk only. */
const makeReading = (random: Random): Scenario => {
  let library: ColdLibrary | undefined;
  return {
    name: 'rows are read',
    faults: ['EIO at a read'],
    prepare: async ({ daemon }) => {
      library ??= await openColdLibrary(daemon);
    },
    act: async (world) => {
      const wrong = await library?.read(random);
      await transfer(world, 1);
      return { wrong: wrong ?? [] };
    },
  };
};

const stopAndStart: Scenario = {
  name: 'stop and start',
  faults,
  act: async (world) => {
    const { daemon } = world;
    // However it ends: a daemon that is killed has its restart tried as well.
    await daemon.stop().catch(messageOf);
    await daemon.kill();
    const refusal = await daemon.start().then(() => undefined, messageOf);
    if (refusal !== undefined) return { refusal };
    await transfer(world, 1);
    return {};
  },
};

/** In two homes, because there are two processors. */
const lanesOf = (random: Random): readonly (readonly Scenario[])[] => [
  [underLoad, copying, makeReading(random)],
  [stopAndStart],
];
/** For the end, and for the last runs of a sweep whose time is over. */
const RESERVE_MS = { quick: 9000, full: 50_000 } as const;

export const check: Check = {
  number: 7,
  id: 'fail-nth-io',
  title: 'one call to the disk fails: the first, the second, until none does',
  missing:
    'where there are more calls than fit into the time, every n-th of them fails and not each, beginning with one by chance; in a quick run it is one call for each fault, and for as many as fit',
  run: async (run) => {
    const swept = await Promise.all(
      lanesOf(makeRandom(run.seed)).map(async (scenarios, lane) =>
        playLane(run, lane, scenarios),
      ),
    );
    const all = swept.flat();
    const facts = all.flatMap((each) => each.facts);
    const sum = (of: 'calls' | 'hits' | 'deaths'): number =>
      all.reduce((total, each) => total + each[of], 0);
    return judge(facts, {
      value: `${sum('hits')} of ${sum('calls')} calls failed, the daemon ended over ${sum('deaths')} of them`,
      limit:
        'never wrong data with a healthy face; a failed sync ends the daemon, its restart is clean',
    });
  },
};

const playLane = async (
  { openDaemon, seed, note, timeLeftMs, mode }: ScoreRun,
  lane: number,
  scenarios: readonly Scenario[],
): Promise<readonly Sweep[]> => {
  const disk = openFaultyDisk();
  const random = makeRandom(seed + lane);
  try {
    const daemon = await openDaemon({ env: disk.env });
    const world = await openSweepWorld(daemon, disk, random);
    const counts = new Map<string, number>();
    const toTheEnd = mode === 'full';
    const all = scenarios.flatMap((scenario) =>
      scenario.faults.map((fault) => ({ scenario, fault })),
    );
    // In a quick run as many as fit, by chance.
    const due = toTheEnd ? all : shuffled(all, random);
    const done: Sweep[] = [];
    for (const { scenario, fault } of due) {
      const leftMs = timeLeftMs() - RESERVE_MS[mode];
      if (!toTheEnd && leftMs < 0) break;
      const budgetMs = leftMs / (due.length - done.length);
      const options = { fault, budgetMs, toTheEnd, random, counts };
      const swept = await sweep(world, scenario, options);
      done.push(swept);
      const { hits, calls, deaths } = swept;
      const found = `${hits} of ${calls} calls, ${deaths} deaths`;
      note(`${scenario.name}, ${fault}: ${found}`);
    }
    return done;
  } finally {
    disk.close();
  }
};

await runAlone(import.meta.url, check);
