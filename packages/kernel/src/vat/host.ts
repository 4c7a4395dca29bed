/**
 * What runs inside a vat host: takes frames from the daemon, works them off one
 * after the other, and answers each with one frame. It knows nothing of
 * processes; its entry point gives it the channels.
 */
import harden from '@endo/harden';
import { messageOf, type VatId } from '@ocap/kernel-utils';
import type { EndowmentPowers } from './endowments.ts';
import type {
  FromHost,
  ReadReply,
  ReadRequest,
  ToHost,
  VatLimits,
} from './protocol.ts';
import { makeHostModules } from './host-modules.ts';
import { makeStoreCaches } from './store-caches.ts';
import { makeSupervisor, type GcTools, type Supervisor } from './supervisor.ts';

export type HostPowers = Readonly<{
  send: (frame: FromHost) => void;
  read: (request: ReadRequest) => ReadReply;
  gcTools: GcTools;
  /** What the heap of the process holds, but for compiled code. */
  heapBytes: () => number;
  /** Up to which the vats together keep what they have read and written. */
  cacheChars: number;
  limits: VatLimits;
}> &
  EndowmentPowers;

export type Host = Readonly<{
  /** Takes one frame; frames are worked off in the order of arrival. */
  receive(frame: ToHost): void;
}>;

export const makeHost = ({
  send,
  heapBytes,
  cacheChars,
  ...powers
}: HostPowers): Host => {
  const supervisors = new Map<VatId, Supervisor>();
  const hostModules = makeHostModules();
  const caches = makeStoreCaches(cacheChars);
  const queue: ToHost[] = [];
  let working = false;

  /** Those in which nothing has run since the last collection, which was of the whole heap. */
  const swept = new Set<VatId>();
  const gcToolsFor = (vat: VatId): GcTools => ({
    ...powers.gcTools,
    gcAndFinalize: async () => {
      if (swept.delete(vat)) {
        return; // what it has let go of has come to light with another's
      }
      await powers.gcTools.gcAndFinalize();
      for (const each of supervisors.keys()) {
        swept.add(each);
      }
      swept.delete(vat); // it goes on
    },
  });

  const handle = async (frame: ToHost): Promise<void> => {
    if (frame.type !== 'ping' && !isCollection(frame)) {
      swept.delete(frame.vat);
    }
    switch (frame.type) {
      case 'start': {
        const { vat, seq } = frame;
        const supervisor = makeSupervisor(frame, {
          ...powers,
          gcTools: gcToolsFor(vat),
          hostModules,
          caches,
          requestTurn: () => {
            swept.delete(vat);
            send({ type: 'turn', vat });
          },
          log: (level, text) => send({ type: 'log', vat, level, text }),
        });
        supervisors.set(vat, supervisor);
        const outcome = await supervisor.start();
        send({ type: 'done', vat, seq, ...outcome });
        break;
      }
      case 'deliver': {
        const { vat, seq, confirmed, delivery, consoleChars } = frame;
        const supervisor = supervisors.get(vat);
        const outcome = (await supervisor?.deliver(delivery, {
          seq,
          confirmed,
          ...(consoleChars === undefined ? {} : { consoleChars }),
        })) ?? {
          syscalls: [],
          writes: [],
          problem: 'the vat is not in this host',
        };
        const collected = isCollection(frame) ? { heapBytes: heapBytes() } : {};
        send({ type: 'done', vat, seq, ...outcome, ...collected });
        break;
      }
      case 'fetched':
        supervisors.get(frame.vat)?.onFetched(frame.id, frame);
        break;
      case 'stop':
        supervisors.get(frame.vat)?.stop();
        supervisors.delete(frame.vat);
        break;
      case 'ping':
        send({ type: 'pong', id: frame.id });
        break;
      default:
        frame satisfies never;
    }
  };

  const work = async (): Promise<void> => {
    working = true;
    for (
      let frame = queue.shift();
      frame !== undefined;
      frame = queue.shift()
    ) {
      await handle(frame);
    }
    working = false;
  };

  return harden({
    receive: (frame: ToHost) => {
      queue.push(frame);
      if (!working) {
        work().catch((error: unknown) => {
          // A fault of the host itself; the daemon restarts what was in it.
          throw Error(`the vat host failed: ${messageOf(error)}`);
        });
      }
    },
  });
};

const isCollection = (frame: ToHost): boolean =>
  frame.type === 'deliver' && frame.delivery[0] === 'bringOutYourDead';
