/** One of the simulated kernels, with what is its own: disk, hosts, clients. */
import type { Kernel } from '@ocap/kernel';
import type { Random } from '../support/random.ts';
import { makeDisk, type CommitFate, type Disk } from './disk.ts';
import type { Scheduler } from './scheduler.ts';
import { makeSimClients, type Answer, type SimClients } from './sim-clients.ts';
import { makeSimDaemon, type SimDaemon } from './sim-daemon.ts';
import { makeSimHosts, type SimHosts } from './sim-hosts.ts';
import type { SimNetwork } from './sim-network.ts';

export type SimKernel = Readonly<{
  name: string;
  peerId: string;
  disk: Disk;
  hosts: SimHosts;
  daemon: SimDaemon;
  clients: SimClients;
  /** Undefined while no daemon runs. */
  running(): Kernel | undefined;
}>;

/** Short, so that vats fall asleep within a run. */
const IDLE_MS = 10_000;
/** Clocks of different machines do not agree. */
const CLOCK_AHEAD_MS = 60 * 60 * 1000;

export const makeSimKernel = ({
  name,
  clientCount,
  collects,
  random,
  scheduler: everybodys,
  network,
  fateOfCommit,
  onCommitted,
  onReleased,
  count,
  note,
  report,
}: Readonly<{
  name: string;
  clientCount: number;
  /** Whether vats are asked for their dead objects, also before they sleep. */
  collects: boolean;
  random: Random;
  scheduler: Scheduler;
  network: SimNetwork;
  fateOfCommit: () => CommitFate;
  onCommitted: (kernel: SimKernel) => void;
  onReleased: (kernel: SimKernel, answer: Answer) => void;
  count: (what: string) => void;
  note: (text: string, detail?: string) => void;
  report: (problem: string) => void;
}>): SimKernel => {
  const scheduler = scheduledFor(name, everybodys);
  const noteHere = (text: string, detail?: string): void =>
    note(`${name}: ${text}`, detail);
  const reportHere = (problem: string): void => report(`${name}: ${problem}`);
  // As base 58 allows.
  const peerId = `12D3KooWsimuNated${name}`.padEnd(20, 'x');
  const disk = makeDisk();
  const hosts = makeSimHosts({
    random,
    scheduler,
    note: noteHere,
    report: reportHere,
  });
  const daemon = makeSimDaemon({
    random,
    scheduler,
    disk,
    hosts,
    peerId,
    openTransport: (isAlive) =>
      network.transport({ kernel: name, peerId, isAlive }),
    clockAheadMs: random.integer(0, CLOCK_AHEAD_MS),
    limits: {
      deliveryAttempts: random.pick([2, 2, 1000]),
      // So that deliveries are made in parts that crashes come between.
      writesAtOnce: random.pick([2, 5, 1000]),
      // Hosts die here by chance, and there is no operator.
      startAttempts: Number.MAX_SAFE_INTEGER,
      restartBudget: Number.MAX_SAFE_INTEGER,
      idleMs: collects ? IDLE_MS : Number.MAX_SAFE_INTEGER,
    },
    fateOfCommit,
    onCommitted: () => {
      noteHere('committed');
      onCommitted(self);
    },
    onDown: () => {
      count('deaths of the daemon');
      network.onDown(peerId);
      clients.disconnectAll();
    },
    note: noteHere,
    report: reportHere,
  });
  const clients: SimClients = makeSimClients({
    random,
    scheduler,
    names: Array.from(
      { length: clientCount },
      (_, index) => `${name}c${index + 1}`,
    ),
    kernel: daemon.kernel,
    onReleased: (answer) => {
      count(`answers, ${answer.outcome}`);
      onReleased(self, answer);
    },
    report: reportHere,
    note: noteHere,
  });
  const self: SimKernel = {
    name,
    peerId,
    disk,
    hosts,
    daemon,
    clients,
    running: daemon.kernel,
  };
  return self;
};

/** The same for all of them, but what one names is its own. */
const scheduledFor = (name: string, scheduler: Scheduler): Scheduler => ({
  ...scheduler,
  push: (lane, label, task) =>
    scheduler.push(`${name}.${lane}`, `${name}: ${label}`, task),
  after: (owner, ms, label, task) =>
    scheduler.after(`${name}.${owner}`, ms, `${name}: ${label}`, task),
  clear: (lane) => scheduler.clear(`${name}.${lane}`),
  forget: (owner) => scheduler.forget(`${name}.${owner}`),
});
