/** Calls to a vat whose answers, and whatever they caused, are on disk when they are given. */
import { counters } from '../tools/counters.ts';
import { withDaemon, type Daemon } from '../tools/daemon.ts';
import { openBareLiveslots } from '../tools/floor-process.ts';
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

const measureInFlight = async (bench: Bench): Promise<Measured> =>
  withDaemon(bench.workspace, async (daemon) => {
    const increment = await launchCounter(daemon, bench);
    const bare = await openBareLiveslots(bench.workspace);
    const calls = bench.amount(1000, 5000);
    try {
      return await interleave({
        rounds: bench.amount(5, 15),
        ours: async () => rate(calls, 100, increment),
        floor: async () => (calls / (await bare.time('calls', calls))) * 1000,
      });
    } finally {
      await bare.close();
    }
  });

export const durableRows: readonly Row[] = [
  {
    id: 'durable',
    title: 'durable calls, one after the other',
    floor: 'fsynced SQLite commits, same disk',
    unit: '/s',
    goal: { kind: 'aim', of: 'ratio', atLeast: 0.8 },
    measure: measureSequential,
  },
  {
    id: 'durable-100',
    title: 'durable calls, 100 in flight',
    floor: 'the same calls in bare liveslots',
    unit: '/s',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.3 },
    measure: measureInFlight,
  },
];
