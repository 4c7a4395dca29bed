/** Everything that a run is made of, put together from its seed. */
import { makeRandom, type Random } from '../support/random.ts';
import { makeChecks, type Checks } from './checks.ts';
import { makeDisk, type CommitFate } from './disk.ts';
import { makeScheduler, type Scheduler } from './scheduler.ts';
import { makeSimClients, type SimClients } from './sim-clients.ts';
import { makeSimDaemon, type SimDaemon } from './sim-daemon.ts';
import { makeSimHosts, type SimHosts } from './sim-hosts.ts';
import { makeTrace, type Trace } from './trace.ts';

export type World = Readonly<{
  random: Random;
  trace: Trace;
  scheduler: Scheduler;
  hosts: SimHosts;
  daemon: SimDaemon;
  clients: SimClients;
  checks: Checks;
  /** While it is off, no commit is struck. */
  setFaults(on: boolean): void;
  oneIn(times: number): boolean;
  count(what: string): void;
  stats: Readonly<Record<string, number>>;
  report(problem: string): void;
  /** The first thing that must not have happened. */
  problem(): string | undefined;
}>;

const CLIENTS = 3;
/** Of how many commits the crash strikes one. */
const STRIKE_ONE_IN = 25;
/** Short, so that vats fall asleep within a run. */
const IDLE_MS = 10_000;
/** What a delivery may cost in hosts: the usual number, or as many as there are. */

export const makeWorld = ({
  seed,
  keepLines,
  collects,
}: Readonly<{
  seed: number;
  keepLines: boolean;
  /** Whether vats are asked for their dead objects, also before they sleep. */
  collects: boolean;
}>): World => {
  const random = makeRandom(seed);
  const trace = makeTrace(() => scheduler.now(), keepLines);
  const { note } = trace;
  const scheduler: Scheduler = makeScheduler(random, note);
  const disk = makeDisk();
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

  const checks = makeChecks(disk, report);
  const hosts = makeSimHosts({ random, scheduler, note, report });
  const daemon = makeSimDaemon({
    random,
    scheduler,
    disk,
    hosts,
    limits: {
      deliveryAttempts: random.pick([2, 2, 1000]),
      // Hosts die here by chance, and there is no operator.
      startAttempts: Number.MAX_SAFE_INTEGER,
      restartBudget: Number.MAX_SAFE_INTEGER,
      idleMs: collects ? IDLE_MS : Number.MAX_SAFE_INTEGER,
    },
    fateOfCommit,
    onCommitted: () => {
      note('committed');
      checks.onCommitted();
    },
    onDown: () => {
      count('deaths of the daemon');
      clients.disconnectAll();
    },
    note,
    report,
  });
  const clients: SimClients = makeSimClients({
    random,
    scheduler,
    count: CLIENTS,
    kernel: daemon.kernel,
    onReleased: (answer) => {
      count(`answers, ${answer.outcome}`);
      checks.onReleased(answer);
    },
    report,
    note,
  });

  return {
    random,
    trace,
    scheduler,
    hosts,
    daemon,
    clients,
    checks,
    setFaults: (on) => {
      faults = on;
    },
    oneIn,
    count,
    stats,
    report,
    problem: () => problem,
  };
};
