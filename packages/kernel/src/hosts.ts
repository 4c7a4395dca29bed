/**
 * The hosts from the kernel's side: which vat is where, what each host is
 * working on, and what to do when one dies, goes mute or breaks the protocol.
 * A host answers its deliveries in the order in which they were sent, so the
 * head of its queue is the one to blame.
 */
import harden from '@endo/harden';
import { fail, messageOf } from '@ocap/kernel-utils';
import { makeConsoleCap } from './console-cap.ts';
import type { KernelContext } from './context.ts';
import type { Deliveries } from './deliveries.ts';
import { makeDeliveryWatch } from './delivery-watch.ts';
import { abortFetches } from './vat-fetches.ts';
import type { HostRuntime, InFlight, VatRuntime } from './vat-runtimes.ts';
import {
  parseHostFrame,
  parseReadRequest,
  ProtocolViolation,
  type DoneFrame,
  type FromHost,
  type ReadReply,
} from './vat/protocol.ts';

export type Hosts = Readonly<{
  /** A host of this placement group that has room, opened if there is none. */
  forGroup(group: string): HostRuntime;
  /** Puts a vat on a host: its frames are heard from now on. */
  attach(vat: VatRuntime, host: HostRuntime): void;
  /** Takes one vat off its host, by ending the host if that is the only way. */
  detach(vat: VatRuntime, reason: string): void;
  ping(vat: VatRuntime): Promise<void>;
}>;

export const makeHosts = (
  context: KernelContext,
  deliveries: Deliveries,
  events: Readonly<{
    onDone(vat: VatRuntime, delivery: InFlight, done: DoneFrame): void;
    /** The vat's process died over what it did for the vat; told after `onLost`. */
    onBlamed(vat: VatRuntime, reason: string): void;
    /** The vat's process is gone. */
    onLost(vat: VatRuntime, reason: string): void;
    /** One more vat is in memory. */
    onAttached(): void;
  }>,
): Hosts => {
  const { powers, vats, store } = context;
  const { logger } = powers;
  const consoleCap = makeConsoleCap(powers, powers.limits);
  let pingId = 0;

  const forGroup = (group: string): HostRuntime => {
    for (const host of vats.hosts) {
      if (host.group === group && host.vats.size < powers.limits.hostVats) {
        return host;
      }
    }
    const host: HostRuntime = {
      process: powers.hosts.open({
        onLine: (line) => onLine(host, line),
        onEnd: (reason) => onEnd(host, reason),
        onRead: (line) => onRead(host, line),
      }),
      group,
      vats: new Map(),
      queue: [],
      headSince: powers.now(),
      condemned: false,
      nextSeq: 0,
      heapBytes: undefined,
      pings: new Map(),
    };
    vats.hosts.add(host);
    watch();
    return host;
  };

  /** From here on the host is not heard any more, although it may still speak. */
  const condemn = (host: HostRuntime, reason: string): void => {
    host.condemned = true;
    host.process.kill(reason);
  };

  const { watch, countDeath } = makeDeliveryWatch(context, deliveries, condemn);

  const onLog = (
    host: HostRuntime,
    { vat, level, text }: FromHost & { type: 'log' },
  ): void => {
    const fields = host.vats.get(vat)?.logFields;
    if (fields === undefined) {
      return;
    }
    const { allowed, suppressed } = consoleCap.take(vat, text.length);
    if (allowed && suppressed > 0) {
      logger.warn(`suppressed ${suppressed} console lines`, fields);
    }
    if (allowed) {
      logger[level](text, fields);
    }
  };

  const onLine = (host: HostRuntime, line: string): void => {
    if (host.condemned) {
      return;
    }
    let frame: FromHost;
    try {
      frame = parseHostFrame(line);
    } catch (error) {
      condemn(host, `it broke the protocol: ${messageOf(error)}`);
      return;
    }
    switch (frame.type) {
      case 'done':
        onDoneFrame(host, frame);
        break;
      case 'log':
        onLog(host, frame);
        break;
      case 'turn': {
        const vat = host.vats.get(frame.vat);
        if (vat !== undefined) {
          vat.turnWanted = true;
          context.wake(vat.id);
        }
        break;
      }
      case 'pong':
        host.pings.get(frame.id)?.();
        host.pings.delete(frame.id);
        break;
      default:
        frame satisfies never;
    }
  };

  const onDoneFrame = (host: HostRuntime, done: DoneFrame): void => {
    const head = host.queue[0];
    if (head?.vatId !== done.vat || head.seq !== done.seq) {
      // The delivery stays at the head: it is to blame for the host's end.
      condemn(host, 'it broke the protocol: it answered out of turn');
      return;
    }
    host.queue.shift();
    host.headSince = powers.now();
    host.heapBytes = done.heapBytes ?? host.heapBytes;
    const vat = host.vats.get(done.vat);
    const delivery = vat?.inFlight.shift();
    if (vat !== undefined) {
      if (delivery?.kind !== 'boyd' && delivery?.kind !== 'gc') {
        vat.activeAt = powers.now();
      }
      vat.confirmed = done.seq;
      vat.isWaiting = done.waiting === true;
    }
    // Without a vat: it was taken off while this was under way.
    if (vat !== undefined && delivery !== undefined) {
      events.onDone(vat, delivery, done);
    }
  };

  const onRead = (host: HostRuntime, line: string): ReadReply => {
    const request = parseReadRequest(line);
    if (!host.vats.has(request.vat)) {
      throw new ProtocolViolation(`it reads the store of ${request.vat}`);
    }
    return 'get' in request
      ? { value: store.vatstore.get(request.vat, request.get) ?? null }
      : {
          entries: store.vatstore.following(
            request.vat,
            request.after,
            request.count,
          ),
        };
  };

  const onEnd = (host: HostRuntime, reason: string): void => {
    vats.hosts.delete(host);
    host.pings.clear();
    const head = host.queue[0];
    const blamed = head === undefined ? undefined : host.vats.get(head.vatId);
    if (blamed !== undefined) {
      countDeath(blamed, reason);
    }
    for (const vat of [...host.vats.values()]) {
      host.vats.delete(vat.id);
      lose(vat, reason);
    }
    if (blamed !== undefined) {
      events.onBlamed(blamed, reason);
    }
  };

  const lose = (vat: VatRuntime, reason: string): void => {
    vat.host = undefined;
    vat.state = 'asleep';
    vat.inFlight.length = 0;
    vat.lastSent = 0;
    vat.turnWanted = false;
    vat.isWaiting = false;
    abortFetches(vat);
    vat.confirmed = 0;
    vat.lossReason = reason;
    events.onLost(vat, reason);
  };

  const detach = (vat: VatRuntime, reason: string): void => {
    const { host } = vat;
    if (host === undefined) {
      return;
    }
    const isAlone = host.vats.size === 1;
    const isUnderWay = host.queue.some(({ vatId }) => vatId === vat.id);
    host.vats.delete(vat.id);
    if (isAlone || isUnderWay) {
      // There is no way to stop a vat in the middle but to end its process.
      vats.hosts.delete(host);
      condemn(host, reason);
    } else {
      host.process.send({ type: 'stop', vat: vat.id });
    }
    lose(vat, reason);
  };

  return harden({
    forGroup,
    attach: (vat: VatRuntime, host: HostRuntime) => {
      host.vats.set(vat.id, vat);
      vat.host = host;
      vat.consoleRoom = () => consoleCap.room(vat.id);
      vat.state = 'starting';
      events.onAttached();
    },
    detach,
    ping: async (vat: VatRuntime) =>
      new Promise<void>((resolve, reject) => {
        const { host } = vat;
        if (host === undefined) {
          reject(fail('VAT_UNKNOWN', { vat: vat.id }));
          return;
        }
        const id = (pingId += 1);
        const cancel = powers.after(powers.limits.pingMs, () => {
          host.pings.delete(id);
          const seconds = Math.round((powers.now() - host.headSince) / 1000);
          reject(fail('VAT_BUSY', { vat: vat.id, seconds }));
        });
        host.pings.set(id, () => {
          cancel();
          resolve();
        });
        host.process.send({ type: 'ping', id });
      }),
  });
};
