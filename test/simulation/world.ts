/** Everything that a run is made of, put together from its seed. */
import { makeRandom, type Random } from '../support/random.ts';
import { makeChecks, type Checks } from './checks.ts';
import type { CommitFate } from './disk.ts';
import { makeScheduler, type Scheduler } from './scheduler.ts';
import { makeSimKernel, type SimKernel } from './sim-kernel.ts';
import { makeSimNetwork, type SimNetwork } from './sim-network.ts';
import { makeTrace, type Trace } from './trace.ts';

export type World = Readonly<{
  random: Random;
  trace: Trace;
  scheduler: Scheduler;
  network: SimNetwork;
  kernels: readonly SimKernel[];
  checks: Checks;
  /** While it is off, no commit is struck, and the network does what it should. */
  setFaults(on: boolean): void;
  oneIn(times: number): boolean;
  count(what: string): void;
  stats: Readonly<Record<string, number>>;
  report(problem: string): void;
  /** The first thing that must not have happened. */
  problem(): string | undefined;
}>;

/** Of one kernel; three have fewer each. */
const CLIENTS = 3;
const CLIENTS_OF_SEVERAL = 2;
/** Of how many commits the crash strikes one. */
const STRIKE_ONE_IN = 25;

export const makeWorld = ({
  seed,
  kernelCount,
  keepLines,
  collects,
}: Readonly<{
  seed: number;
  kernelCount: number;
  keepLines: boolean;
  /** Whether vats are asked for their dead objects, also before they sleep. */
  collects: boolean;
}>): World => {
  const random = makeRandom(seed);
  const trace = makeTrace(() => scheduler.now(), keepLines);
  const { note } = trace;
  const scheduler: Scheduler = makeScheduler(random, note);
  const oneIn = (times: number): boolean => random.integer(1, times) === 1;
  const stats: Record<string, number> = {};
  const count = (what: string): void => {
    stats[what] = (stats[what] ?? 0) + 1;
  };

  let problem: string | undefined;
  const report = (found: string): void => {
    note(`PROBLEM: ${found}`);
    problem ??= found;
  };

  let faults = false;
  const fateOfCommit = (): CommitFate => {
    count('commits');
    if (!faults || !oneIn(STRIKE_ONE_IN)) {
      return 'kept';
    }
    count('struck commits');
    return random.pick(['struck before', 'struck after'] as const);
  };

  const network = makeSimNetwork({ random, scheduler, note, count });
  const kernels = Array.from({ length: kernelCount }, (_, index) =>
    makeSimKernel({
      name: `k${index + 1}`,
      clientCount: kernelCount === 1 ? CLIENTS : CLIENTS_OF_SEVERAL,
      collects,
      random,
      scheduler,
      network,
      fateOfCommit,
      onCommitted: (kernel) => checks.onCommitted(kernel),
      onReleased: (kernel, answer) => checks.onReleased(kernel, answer),
      count,
      note,
      report,
    }),
  );
  const checks: Checks = makeChecks(kernels, report);

  return {
    random,
    trace,
    scheduler,
    network,
    kernels,
    checks,
    setFaults: (on) => {
      faults = on;
      network.setFaults(on);
    },
    oneIn,
    count,
    stats,
    report,
    problem: () => problem,
  };
};
