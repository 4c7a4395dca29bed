/**
 * Vat hosts without processes: real liveslots in this thread, behind channels
 * that delay, and that lose what a dying host had not yet got out. A host works
 * a frame off whole or not at all; it may die before or after, or go mute.
 */
import type { HostEvents, ToHost, VatHosts } from '@ocap/kernel';
import { makeHost, type FromHost, type Host } from '@ocap/kernel/vat';
import { limitValues } from '@ocap/kernel-utils';
import type { Random } from '../support/random.ts';
import { gcTools } from './gc-tools.ts';
import { microtasksDone, type Scheduler } from './scheduler.ts';

export type SimHosts = Readonly<{
  /** The hosts of one daemon. What one opens that is dead already never says a word. */
  ofDaemon(owner: string, isAlive: () => boolean): VatHosts;
  /** Ends one of the hosts, if there is one; tells which. */
  killOne(): string;
  /** From now on one of the hosts answers nothing. */
  muteOne(): string;
  /** All hosts of the daemon that died. */
  forgetAll(): void;
}>;

type Process = {
  readonly name: string;
  readonly events: HostEvents;
  readonly owner: string;
  state: 'up' | 'mute' | 'dead';
};

/** Turns of the event loop that the work on one frame may take. */
const TURNS_PER_FRAME = 1000;

export const makeSimHosts = ({
  random,
  scheduler,
  note,
  report,
}: Readonly<{
  random: Random;
  scheduler: Scheduler;
  note: (text: string, detail?: string) => void;
  /** Something that must not happen has. */
  report: (problem: string) => void;
}>): SimHosts => {
  let processes: Process[] = [];
  let count = 0;

  const lane = (process: Process, direction: 'in' | 'out'): string =>
    `${process.owner}/${process.name}/${direction}`;

  /** What is on its way out may still arrive, also after the end is known. */
  const end = (process: Process, reason: string): void => {
    if (process.state === 'dead') {
      return;
    }
    process.state = 'dead';
    processes = processes.filter((other) => other !== process);
    const { events, owner, name } = process;
    scheduler.clear(lane(process, 'in'));
    const fate = random.integer(1, 3);
    if (fate === 1) {
      scheduler.clear(lane(process, 'out'));
    }
    const endLane = fate === 2 ? `${owner}/${name}/end` : lane(process, 'out');
    scheduler.push(endLane, `${name} ended: ${reason}`, () =>
      events.onEnd(reason),
    );
  };

  const killByKernel = (process: Process, reason: string): void => {
    note(`the kernel kills ${process.name}: ${reason}`);
    if (/broke the protocol|met a fault/u.test(reason)) {
      report(`an honest host was killed: ${reason}`);
    }
    end(process, reason);
  };

  const sendLine = (process: Process, frame: FromHost): void => {
    if (process.state === 'dead') {
      return;
    }
    const line = JSON.stringify(frame);
    note(`${process.name} says`, line);
    if (frame.type === 'done' && frame.problem !== undefined) {
      report(`a vat failed as a whole: ${frame.problem}`);
    }
    if (frame.type === 'log') {
      return;
    }
    scheduler.push(
      lane(process, 'out'),
      `${process.name} → kernel ${frame.type}`,
      () => process.events.onLine(line),
    );
  };

  const open = (owner: string, isAlive: boolean, events: HostEvents) => {
    count += 1;
    const name = `h${count}`;
    // Every other one has to ask again for what it has read.
    const isForgetful = count % 2 === 0;
    const state = isAlive ? 'up' : 'dead';
    const process: Process = { name, events, owner, state };
    let answered = 0;
    let host: Host | undefined;
    const boot = (): Host =>
      makeHost({
        gcTools,
        limits: limitValues(),
        // The vats ask for no globals that would use these.
        timers: { after: () => () => undefined },
        epoch: scheduler.now,
        randomBytes: (bytes) => {
          bytes.fill(random.integer(0, 255));
        },
        randomUUID: () => String(random.integer(0, 2 ** 31)),
        heapBytes: () => 0,
        cacheChars: isForgetful ? 3000 : 1_000_000,
        read: (request) => events.onRead(JSON.stringify(request)),
        send: (frame) => {
          answered += frame.type === 'log' ? 0 : 1;
          sendLine(process, frame);
        },
      });

    const work = async (frame: ToHost): Promise<void> => {
      if (process.state !== 'up') {
        return;
      }
      host ??= boot();
      const before = answered;
      host.receive(JSON.parse(JSON.stringify(frame)) as ToHost);
      for (
        let turns = 0;
        frame.type !== 'stop' && answered === before;
        turns += 1
      ) {
        if (turns > TURNS_PER_FRAME) {
          report(`${name} does not get done with a frame`);
          return;
        }
        await microtasksDone();
      }
    };

    if (isAlive) {
      processes.push(process);
    }
    note(`${name} opened`);
    return {
      pid: count,
      memoryBytes: () => 0,
      kill: (reason: string) => killByKernel(process, reason),
      send: (frame: ToHost) => {
        if (process.state === 'dead') {
          return;
        }
        note(`kernel says to ${name}`, JSON.stringify(frame));
        const what = frame.type === 'deliver' ? frame.delivery[0] : frame.type;
        scheduler.push(
          lane(process, 'in'),
          `kernel → ${name} ${what}`,
          async () => work(frame),
        );
      },
    };
  };

  const ofState = (state: Process['state']): Process | undefined => {
    const found = processes.filter((process) => process.state === state);
    return found.length === 0 ? undefined : random.pick(found);
  };

  return {
    ofDaemon: (owner, isAlive) => ({
      open: (events) => open(owner, isAlive(), events),
      spare: () => undefined,
      close: async () => {
        for (const process of [...processes]) {
          end(process, 'the daemon stops');
        }
      },
    }),
    killOne: () => {
      const process = ofState('up') ?? ofState('mute');
      if (process !== undefined) {
        end(process, 'it was struck');
      }
      return process?.name ?? 'no host';
    },
    muteOne: () => {
      const process = ofState('up');
      if (process !== undefined) {
        process.state = 'mute';
      }
      return process?.name ?? 'no host';
    },
    forgetAll: () => {
      for (const process of processes) {
        process.state = 'dead';
      }
      processes = [];
    },
  };
};
