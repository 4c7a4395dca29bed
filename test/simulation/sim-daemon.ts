/**
 * The daemon of the simulation: a real kernel over the simulated disk, time and
 * hosts. It can die between any two events and within a commit; the next one
 * finds what was committed, and nothing else of it.
 */
import { createHash } from 'node:crypto';
import {
  makeKernel,
  type Kernel,
  type PeerTransport,
  type Powers,
} from '@ocap/kernel';
import { limitValues, type LimitValues, type Logger } from '@ocap/kernel-utils';
import type { Random } from '../support/random.ts';
import { vatBundle } from './bank-vat.ts';
import type { CommitFate, Disk } from './disk.ts';
import { microtasksDone, type Scheduler } from './scheduler.ts';
import type { SimHosts } from './sim-hosts.ts';

export type SimDaemon = Readonly<{
  /** Undefined while no daemon runs. */
  kernel(): Kernel | undefined;
  boot(): Promise<void>;
  /** `kill -9`. */
  crash(reason: string): void;
  /** A stop in good order; it takes its time. */
  stop(): void;
  /** From now on its disk takes nothing, or everything again. */
  fillDisk(isFull: boolean): void;
}>;

/** Short, so that a mute host is ended within a run. */
export const DEADLINE_MS = 1000;

export const makeSimDaemon = ({
  random,
  scheduler,
  disk,
  hosts,
  peerId,
  openTransport,
  clockAheadMs,
  limits,
  fateOfCommit,
  onCommitted,
  onDown,
  note,
  report,
}: Readonly<{
  random: Random;
  scheduler: Scheduler;
  disk: Disk;
  hosts: SimHosts;
  /** Who it is to other kernels; they take its word for it. */
  peerId: string;
  openTransport: (isAlive: () => boolean) => PeerTransport;
  /** Of other kernels' clocks. */
  clockAheadMs: number;
  limits: Partial<LimitValues>;
  fateOfCommit: () => CommitFate;
  onCommitted: () => void;
  /** The daemon is no more. */
  onDown: () => void;
  note: (text: string, detail?: string) => void;
  report: (problem: string) => void;
}>): SimDaemon => {
  let generation = 0;
  let running: Kernel | undefined;
  let stopping = false;
  let isDiskFull = false;

  const logger: Logger = {
    debug: () => undefined,
    info: (message, fields) => watchLog(message, fields),
    warn: (message, fields) => watchLog(message, fields),
    error: (message, fields) => watchLog(message, fields),
  };
  const watchLog = (message: string, fields: unknown): void => {
    note(`log: ${message}`, JSON.stringify(fields ?? {}));
    if (/broke the rules|ended itself|A rule of the kernel/u.test(message)) {
      report(`an honest vat was ended: ${message}`);
    }
  };

  const crash = (reason: string): void => {
    note(`the daemon dies: ${reason}`);
    scheduler.forget(`d${generation}`);
    generation += 1;
    running = undefined;
    stopping = false;
    hosts.forgetAll();
    onDown();
  };

  let drawn = 0;
  const makePowers = (mine: number): Powers => {
    const owner = `d${mine}`;
    const isAlive = (): boolean => mine === generation;
    return {
      hosts: hosts.ofDaemon(owner, isAlive),
      network: {
        fetch: async () => ({ problem: 'the simulation has no web' }),
      },
      io: {
        open: async () => {
          throw Error('the simulation has no files and sockets');
        },
      },
      loadBundle: async () => ({ hash: sha256(vatBundle), text: vatBundle }),
      hash: sha256,
      peers: openTransport(isAlive),
      identity: () => ({ peerId }),
      randomHex: (bytes) =>
        sha256(`${peerId} ${(drawn += 1)}`).slice(0, 2 * bytes),
      now: scheduler.now,
      epoch: () => 1_700_000_000_000 + clockAheadMs + scheduler.now(),
      nextTurn: (task) => {
        if (isAlive()) {
          scheduler.push(`${owner}/turns`, 'next turn', task);
        }
      },
      after: (ms, task) =>
        isAlive()
          ? scheduler.after(owner, ms, `timer of ${ms} ms`, task)
          : () => undefined,
      limits: limitValues({ deliveryMs: DEADLINE_MS, ...limits }),
      logger,
      fatal: (error) => {
        if (!isAlive()) {
          return;
        }
        if (!/the commit was struck/u.test(String(error))) {
          report(`the kernel gave up: ${String(error)}`);
        }
        crash(String(error));
      },
    };
  };

  return {
    kernel: () => running,
    boot: async () => {
      generation += 1;
      const mine = generation;
      note(`the daemon d${mine} starts`);
      const backend = disk.mount({
        isAlive: () => mine === generation,
        fateOfCommit: () => {
          // A commit takes time, on which the grouping of answers depends.
          scheduler.pass(random.integer(0, 3));
          return isDiskFull ? 'refused' : fateOfCommit();
        },
        onCommitted,
      });
      const kernel = await makeKernel({ backend, powers: makePowers(mine) });
      await microtasksDone();
      running = mine === generation ? kernel : undefined;
    },
    crash,
    fillDisk: (isFull) => {
      if (isFull !== isDiskFull) {
        note(isFull ? 'its disk is full' : 'its disk has room');
      }
      isDiskFull = isFull;
    },
    stop: () => {
      if (running === undefined || stopping) {
        return;
      }
      stopping = true;
      const mine = generation;
      void running.stop().then(
        () => {
          if (mine === generation) {
            crash('it has stopped');
          }
        },
        (error: unknown) => report(`the stop failed: ${String(error)}`),
      );
    },
  };
};

const sha256 = (text: string): string =>
  createHash('sha256').update(text).digest('hex');
