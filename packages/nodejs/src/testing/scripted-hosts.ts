/**
 * A kernel whose vat hosts are played by the test: it reads the frames that the
 * kernel sends and answers with whatever a compromised host might say.
 */
import {
  makeKernel,
  type HostEvents,
  type Kernel,
  type Network,
  type ToHost,
} from '@ocap/kernel';
import { limitValues, type Logger } from '@ocap/kernel-utils';
import { onTestFinished } from 'vitest';
import { makeMemoryNetwork } from './memory-network.ts';
import { openSqliteBackend } from '../store/sqlite-backend.ts';

type Frame = Extract<ToHost, { seq: number }>;
type Fetched = Extract<ToHost, { type: 'fetched' }>;

export type ScriptedKernel = Readonly<{
  kernel: Kernel;
  /** The next frame that asks for an answer. */
  nextFrame(): Promise<Frame>;
  /** Answers a frame as a vat that did this. */
  done(frame: Frame, outcome?: Record<string, unknown>): void;
  /** Says one line as the host of this vat. */
  say(vat: string, line: string): void;
  /** Says one line on the read channel; returns the reply or throws. */
  read(vat: string, line: string): unknown;
  /** Launches this many vats of one subcluster; their ids are v1, v2 … */
  launch(count: number): Promise<string>;
  killed: readonly string[];
  /** What the hosts were told of requests. */
  fetched: readonly Fetched[];
}>;

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** For tests in which nobody fetches, or nobody should. */
const noNetwork: Network = {
  fetch: async () => {
    throw Error('there is no network in this test');
  },
};

export const openScriptedKernel = async (
  network: Network = noNetwork,
): Promise<ScriptedKernel> => {
  const frames: Frame[] = [];
  const readers: ((frame: Frame) => void)[] = [];
  const hostOf = new Map<string, HostEvents>();
  const killed: string[] = [];
  const fetched: Fetched[] = [];

  const open = (events: HostEvents) => ({
    pid: 1,
    memoryBytes: () => 0,
    kill: (reason: string) => {
      killed.push(reason);
      // The end of a process is always news of a later turn.
      setImmediate(() => events.onEnd(reason));
    },
    send: (frame: ToHost) => {
      if (frame.type === 'fetched') {
        fetched.push(frame);
      }
      if ('vat' in frame) {
        hostOf.set(frame.vat, events);
      }
      if ('seq' in frame) {
        const reader = readers.shift();
        if (reader === undefined) {
          frames.push(frame);
        } else {
          reader(frame);
        }
      }
    },
  });

  const kernel = await makeKernel({
    backend: openSqliteBackend(':memory:'),
    powers: {
      hosts: { open, spare: () => undefined, close: async () => undefined },
      network,
      io: {
        open: async () => {
          throw Error('there are no files and sockets in this test');
        },
      },
      peers: makeMemoryNetwork().transport(() => '12D3KooWscripted'),
      identity: () => ({ peerId: '12D3KooWscripted' }),
      randomHex: (bytes) => '0'.repeat(2 * bytes),
      loadBundle: async () => ({ hash: '0', text: '{}' }),
      hash: (text) => text,
      now: () => performance.now(),
      epoch: () => Date.now(),
      nextTurn: setImmediate,
      after: (ms, task) => {
        const timer = setTimeout(task, ms);
        return () => clearTimeout(timer);
      },
      limits: limitValues(),
      logger: quiet,
      fatal: (error) => {
        throw error;
      },
    },
  });
  onTestFinished(async () => kernel.stop());

  const eventsOf = (vat: string): HostEvents => {
    const events = hostOf.get(vat);
    if (events === undefined) {
      throw Error(`${vat} is in no host`);
    }
    return events;
  };
  const say = (vat: string, line: string): void => eventsOf(vat).onLine(line);
  const nextFrame = async (): Promise<Frame> => {
    const frame = frames.shift();
    return (
      frame ??
      new Promise((resolve) => {
        readers.push(resolve);
      })
    );
  };
  const done = (frame: Frame, outcome: Record<string, unknown> = {}): void => {
    const { vat, seq } = frame;
    const empty = { type: 'done', vat, seq, syscalls: [], writes: [] };
    say(vat, JSON.stringify({ ...empty, ...outcome }));
  };

  return {
    kernel,
    nextFrame,
    done,
    say,
    read: (vat, line) => eventsOf(vat).onRead(line),
    killed,
    fetched,
    launch: async (count) => {
      const names = Array.from({ length: count }, (_, i) => `vat${i + 1}`);
      const launching = kernel.launchSubcluster({
        bootstrap: 'vat1',
        vats: Object.fromEntries(
          // A host for each, so that ending one does not end the others.
          names.map((name) => [
            name,
            { bundleSpec: 'data:', placement: 'own' },
          ]),
        ),
      });
      for (const _ of names) {
        done(await nextFrame(), { methods: [] });
      }
      return (await launching).rootKref;
    },
  };
};
