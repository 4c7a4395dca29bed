/** Calls to a vat whose answers, and whatever they caused, are on disk when they are given. */
import { counters } from '../tools/counters.ts';
import { withDaemon, type Daemon } from '../tools/daemon.ts';
import { openBareLiveslots } from '../tools/floor-process.ts';
import type { OpenFloor } from '../tools/floor.ts';
import { openFsyncedCounter } from '../tools/fsynced-counter.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Bench, Measured, Row } from '../tools/row.ts';

/** Launches a counter; returns the call that increments it. */
const launchCounter = async (
  daemon: Daemon,
  { workspace }: Bench,
): Promise<() => Promise<unknown>> => {
  const { rootKref } = await daemon.launch(await counters(workspace, 1));
  await daemon.settle();
  return async () => daemon.call('queueMessage', [rootKref, 'increment', []]);
};

const measureSequential = async (bench: Bench): Promise<Measured> =>
  withDaemon(bench.workspace, async (daemon) => {
    const increment = await launchCounter(daemon, bench);
    const counter = openFsyncedCounter(bench.workspace.newPath());
    const calls = bench.amount(100, 500);
    try {
      return await interleave({
        rounds: bench.amount(5, 15),
        ours: async () => rate(calls, 1, increment),
        floor: async () => rate(calls, 1, counter.increment),
      });
    } finally {
      counter.close();
    }
  });

type Amounts = Readonly<{ rounds: number; calls: number }>;

/** With 100 in flight, and as many of what `openFloor` opens. */
export const measureInFlight = async (
  bench: Bench,
  openFloor: OpenFloor<[calls: number]>,
  { rounds, calls }: Amounts,
): Promise<Measured> =>
  withDaemon(bench.workspace, async (daemon) => {
    const increment = await launchCounter(daemon, bench);
    const floor = await openFloor(bench.workspace);
    try {
      return await interleave({
        rounds,
        ours: async () => rate(calls, 100, increment),
        floor: async () => floor.perSecond(calls),
      });
    } finally {
      await floor.close();
    }
  });

/** It takes one delivery after the other: there is nothing to wait for. */
const bareCounter: OpenFloor<[calls: number]> = async (workspace) => {
  const { time, close } = await openBareLiveslots(workspace);
  return {
    perSecond: async (calls) => (calls / (await time('calls', calls))) * 1000,
    close,
  };
};

export const durableRows: readonly Row[] = [
  {
    id: 'durable',
    title: 'durable calls, one after the other',
    floor: 'fsynced SQLite commits, same disk',
    unit: '/s',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.8 },
    measure: measureSequential,
  },
  {
    id: 'durable-100',
    title: 'durable calls, 100 in flight',
    floor: 'the same calls in bare liveslots',
    unit: '/s',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.4 },
    measure: async (bench) =>
      measureInFlight(bench, bareCounter, {
        rounds: bench.amount(5, 15),
        calls: bench.amount(1000, 5000),
      }),
  },
];
