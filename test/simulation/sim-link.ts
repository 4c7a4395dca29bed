/**
 * A link between two simulated kernels, as the transport over libp2p gives it:
 * frames in order or not at all, and an end of which each side hears for
 * itself, once, sooner or later. Until it has heard, what it sends is lost.
 */
import type { PeerLink, PeerLinkHandlers } from '@ocap/kernel';
import type { Random } from '../support/random.ts';
import type { Scheduler } from './scheduler.ts';
import { makeSimPipe, NETWORK, type SimPipe } from './sim-pipe.ts';

/** A kernel on the network: one life of its daemon. */
export type Station = {
  readonly kernel: string;
  readonly peerId: string;
  readonly isAlive: () => boolean;
  /** Undefined once it has stopped. */
  onLink: ((link: PeerLink) => PeerLinkHandlers) | undefined;
  readonly listeners: (() => void)[];
  /** Oldest first. */
  readonly links: Set<SimLink>;
};

export type SimLink = Readonly<{
  stations: readonly [opener: Station, other: Station];
  /** The network ends it, or one of the two has died: nothing it says counts any more. */
  sever(reason: string, dead?: Station): void;
  /** The kernel itself ends it. */
  closeAt(station: Station, reason: string): void;
}>;

type End = {
  readonly station: Station;
  readonly out: SimPipe;
  handlers: PeerLinkHandlers | undefined;
  isOpen: boolean;
};

/** As long as the transport waits for a sign of life. */
const SILENCE_MS = 20_000;

export const openSimLink = (
  {
    random,
    scheduler,
    note,
  }: Readonly<{
    random: Random;
    scheduler: Scheduler;
    note: (text: string, detail?: string) => void;
  }>,
  {
    name,
    stations,
    relayedChars,
    isFaulty,
    onOpened,
  }: Readonly<{
    name: string;
    stations: SimLink['stations'];
    /** What a relay carries on it before it ends the link; undefined if there is none. */
    relayedChars: number | undefined;
    isFaulty: () => boolean;
    /** It was told to the kernel that opened it. */
    onOpened: () => void;
  }>,
): SimLink => {
  const isRelayed = relayedChars !== undefined;
  const tells = random.integer(0, 1) === 0;
  let charsLeft = relayedChars ?? Infinity;

  const endOf = (station: Station, other: Station): End => ({
    station,
    out: makeSimPipe(
      { random, scheduler },
      `${name}/${station.kernel}-${other.kernel}`,
      isFaulty,
    ),
    handlers: undefined,
    isOpen: true,
  });
  const [opener, other] = stations;
  const near = endOf(opener, other);
  const far = endOf(other, opener);
  const oppositeOf = (end: End): End => (end === near ? far : near);

  /** Of what comes after it, nothing counts. */
  const shut = (end: End): boolean => {
    const wasOpen = end.isOpen;
    end.isOpen = false;
    end.station.links.delete(self);
    return wasOpen && end.station.isAlive();
  };

  const hear = (end: End, reason: string): void => {
    if (shut(end)) {
      end.handlers?.onClosed(reason);
    }
  };

  /** After what was sent before, or instead of it; at once, or when the silence is noticed. */
  const tellOfEnd = (end: End, reason: string, isLost: boolean): void => {
    const { out } = oppositeOf(end);
    const label = `${end.station.kernel} hears of the end of ${name}: ${reason}`;
    const fate = random.integer(isLost ? 2 : 1, isFaulty() ? 3 : 2);
    if (fate === 1) {
      out.end(label, () => hear(end, reason));
      return;
    }
    out.break();
    const ms = fate === 2 ? 0 : random.integer(1, SILENCE_MS);
    scheduler.after(NETWORK, ms, label, () => hear(end, reason));
  };

  const close = (end: End, reason: string): void => {
    if (shut(end)) {
      note(`${end.station.kernel} closes ${name}: ${reason}`);
      // Not at once: whoever closes a link is in the middle of something.
      queueMicrotask(() => {
        if (end.station.isAlive()) {
          end.handlers?.onClosed(reason);
        }
      });
      tellOfEnd(oppositeOf(end), 'the peer ended it', false);
    }
  };

  const sever = (reason: string, dead?: Station, isLost = false): void => {
    note(`${name} breaks: ${reason}`);
    for (const end of [near, far]) {
      if (end.station === dead) {
        oppositeOf(end).out.break();
        shut(end);
      } else {
        tellOfEnd(end, reason, isLost);
      }
    }
  };

  const send = (end: End, frame: string): void => {
    if (!end.isOpen) {
      return;
    }
    note(`${end.station.kernel} says on ${name}`, frame);
    charsLeft -= frame.length;
    if (charsLeft < 0) {
      charsLeft = Infinity;
      sever('the relay has ended it', undefined, true);
      return;
    }
    const receiver = oppositeOf(end);
    const [, type = ''] = /^\{"type":"(\w+)"/u.exec(frame) ?? [];
    const label = `${name}: ${end.station.kernel} → ${receiver.station.kernel} ${type}`;
    end.out.push(label, () => {
      if (receiver.isOpen && receiver.station.isAlive()) {
        receiver.handlers?.onFrame(frame);
      }
    });
  };

  /** Tells the kernel of it. */
  const announce = (end: End): void => {
    const { station } = end;
    if (!end.isOpen || !station.isAlive() || station.onLink === undefined) {
      close(end, 'nobody is there');
      return;
    }
    end.handlers = station.onLink({
      peerId: oppositeOf(end).station.peerId,
      opener: end === near ? 'us' : 'them',
      isRelayed,
      send: (frame) => send(end, frame),
      unsentBytes: () => 0,
      bytesLeft: () => (isRelayed && tells ? charsLeft : undefined),
      close: (reason) => close(end, reason),
    });
    if (end === near) {
      onOpened();
    }
  };

  const self: SimLink = {
    stations,
    sever: (reason, dead) => sever(reason, dead),
    closeAt: (station, reason) =>
      close(station === near.station ? near : far, reason),
  };
  opener.links.add(self);
  other.links.add(self);
  note(`${name} from ${opener.kernel} to ${other.kernel}`);
  // Either may be the first to know.
  const [first, second] =
    random.integer(0, 1) === 0 ? [near, far] : [far, near];
  const label = `${second.station.kernel} has ${name}`;
  first.out.push(label, () => announce(second));
  announce(first);
  return self;
};
