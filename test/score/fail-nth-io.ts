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
import { openColdLibrary } from './tools/cold-library.ts';
import { judge } from './tools/facts.ts';
import {
  openSweepWorld,
  sweep,
  transfer,
  type Scenario,
  type Sweep,
  type SweepWorld,
} from './tools/fault-sweep.ts';
import { faults, openFaultyDisk } from './tools/faulty-disk.ts';
import { runAlone } from './tools/run-alone.ts';

/** More pairs of transfers than the log needs to get long. */
const MANY = 60;

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
  faults,
  where: { only: 'kernel.sqlite', isSmall: true },
  act: async (world) => {
    for (let pairs = 0; pairs < MANY; pairs += 1) {
      await transfer(world, 2);
      // It is copied in one go.
      if (world.disk.found().calls > 0) break;
    }
    return {};
  },
};

/** Rows that are on disk only. */
const openReading = async (
  { daemon }: SweepWorld,
  random: Random,
): Promise<Scenario> => {
  const library = await openColdLibrary(daemon);
  return {
    name: 'rows are read',
    faults: ['EIO at a read'],
    act: async (world) => {
      const wrong = await library.read(random);
      await transfer(world, 1);
      return { wrong };
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
const lanes: readonly (readonly (Scenario | typeof openReading)[])[] = [
  [underLoad, copying, openReading],
  [stopAndStart],
];
/** For the end, and for the last runs of a sweep whose time is over. */
const RESERVE_MS = { quick: 6000, full: 50_000 } as const;

export const check: Check = {
  number: 7,
  id: 'fail-nth-io',
  title: 'one call to the disk fails: the first, the second, until none does',
  missing:
    'where there are more calls than fit into the time, every n-th of them fails and not each, beginning with one by chance; in a quick run it is one call for each fault',
  run: async (run) => {
    const swept = await Promise.all(
      lanes.map(async (scenarios, lane) => playLane(run, lane, scenarios)),
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
  scenarios: readonly (Scenario | typeof openReading)[],
): Promise<readonly Sweep[]> => {
  const disk = openFaultyDisk();
  const random = makeRandom(seed + lane);
  try {
    const daemon = await openDaemon({ env: disk.env });
    const world = await openSweepWorld(daemon, disk, random);
    const counts = new Map<string, number>();
    const toTheEnd = mode === 'full';
    const done: Sweep[] = [];
    let left = scenarios.reduce(
      (sum, each) =>
        sum + (typeof each === 'function' ? 1 : each.faults.length),
      0,
    );
    for (const each of scenarios) {
      const scenario =
        typeof each === 'function' ? await each(world, random) : each;
      for (const fault of scenario.faults) {
        const leftMs = timeLeftMs() - RESERVE_MS[mode];
        const budgetMs = Math.max(1, leftMs / left);
        const options = { fault, budgetMs, toTheEnd, random, counts };
        const swept = await sweep(world, scenario, options);
        done.push(swept);
        left -= 1;
        const { hits, calls, deaths } = swept;
        const found = `${hits} of ${calls} calls, ${deaths} deaths`;
        note(`${scenario.name}, ${fault}: ${found}`);
      }
    }
    return done;
  } finally {
    disk.close();
  }
};

await runAlone(import.meta.url, check);
