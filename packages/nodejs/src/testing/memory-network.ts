/**
 * A network for tests in one process: links between kernels that can be cut, or
 * not come about at all. Frames arrive in a later turn, in order.
 */
import type { PeerLink, PeerLinkHandlers, PeerTransport } from '@ocap/kernel';

type Station = {
  readonly peerId: string;
  onLink: ((link: PeerLink) => PeerLinkHandlers) | undefined;
  readonly listeners: (() => void)[];
  readonly links: Set<PeerLink>;
};

export type MemoryNetwork = Readonly<{
  /** The transport of one kernel. */
  transport(peerId: () => string): PeerTransport;
  /** Ends every link there is; new ones can be opened. */
  cut(): void;
  /** From now on nobody reaches anybody, or everybody does again. */
  block(blocked: boolean): void;
  /** From now on these two do not reach each other, or do again. */
  separate(one: string, other: string, apart: boolean): void;
  /** From now on everything takes so long, or what is between these two. */
  slow(ms: number, between?: readonly [string, string]): void;
  /**
   * From now on links go through a relay that ends each after so many characters
   * of both directions; what was under way then is lost. It may say how many, and
   * that may be true.
   */
  relay(chars: number, said?: number): void;
  /** Frames that were sent, as text, with who sent them. */
  readonly sent: Readonly<{ from: string; text: string }>[];
  /** To say on a link what no kernel would; connects as this peer. */
  connectAs(
    peerId: string,
    to: string,
  ): Readonly<{
    link: PeerLink;
    received: string[];
    closed: string[];
  }>;
}>;

export const makeMemoryNetwork = (): MemoryNetwork => {
  const stations = new Map<string, Station>();
  const sent: { from: string; text: string }[] = [];
  const apart = new Set<string>();
  const slowPairs = new Map<string, number>();
  const pairOf = (one: string, other: string): string =>
    [one, other].toSorted().join();
  let isBlocked = false;
  let latencyMs = 0;
  let relayedChars: number | undefined;
  let saidChars: number | undefined;
  /** Tasks of one link, in the order of the calls, however slow the network is by then. */
  const makeQueue = (pair: string): ((task: () => void) => void) => {
    const tasks: (() => void)[] = [];
    return (task) => {
      tasks.push(task);
      const next = (): void => tasks.shift()?.();
      const ms = slowPairs.get(pair) ?? latencyMs;
      if (ms === 0) {
        setImmediate(next);
      } else {
        setTimeout(next, ms);
      }
    };
  };

  /** Both ends of a new link, not yet announced. */
  const join = (from: string, to: string) => {
    let isOpen = true;
    let isLost = false;
    const isRelayed = relayedChars !== undefined;
    let charsLeft = relayedChars ?? Infinity;
    let saidLeft = saidChars;
    const later = makeQueue(pairOf(from, to));
    const handlers: { us?: PeerLinkHandlers; them?: PeerLinkHandlers } = {};
    const close = (reason: string): void => {
      if (isOpen) {
        isOpen = false;
        later(() => {
          stations.get(from)?.links.delete(near);
          stations.get(to)?.links.delete(far);
          handlers.us?.onClosed(reason);
          handlers.them?.onClosed(reason);
        });
      }
    };
    const end = (
      peerId: string,
      self: string,
      opener: 'us' | 'them',
      other: 'us' | 'them',
    ): PeerLink => ({
      peerId,
      opener,
      isRelayed,
      send: (text) => {
        charsLeft -= text.length;
        saidLeft &&= Math.max(saidLeft - text.length, 0);
        if (charsLeft < 0) {
          isLost = true;
          close('the relay has ended it');
        }
        if (isOpen) {
          sent.push({ from: self, text });
          // What was sent before the end still arrives, unless a relay ends it.
          later(() => {
            if (!isLost) {
              handlers[other]?.onFrame(text);
            }
          });
        }
      },
      unsentBytes: () => 0,
      bytesLeft: () => saidLeft,
      close,
    });
    const near = end(to, from, 'us', 'them');
    const far = end(from, to, 'them', 'us');
    return { near, far, handlers };
  };

  const connect = (from: string, to: string): void => {
    const target = stations.get(to);
    const source = stations.get(from);
    const isApart = apart.has(pairOf(from, to));
    if (
      isBlocked ||
      isApart ||
      target?.onLink === undefined ||
      source === undefined
    ) {
      throw Error('nobody answers');
    }
    const { near, far, handlers } = join(from, to);
    source.links.add(near);
    target.links.add(far);
    handlers.them = target.onLink(far);
    const mine = source.onLink?.(near);
    if (mine !== undefined) {
      handlers.us = mine;
    }
  };

  return {
    sent,
    slow: (ms, between) => {
      if (between === undefined) {
        latencyMs = ms;
        slowPairs.clear();
      } else {
        slowPairs.set(pairOf(...between), ms);
      }
    },
    relay: (chars, said) => {
      relayedChars = chars;
      saidChars = said;
    },
    transport: (peerId) => {
      const listeners: (() => void)[] = [];
      let station: Station | undefined;
      return {
        start: async (_options, onLink) => {
          station = { peerId: peerId(), onLink, listeners, links: new Set() };
          stations.set(peerId(), station);
        },
        addresses: () => (station === undefined ? [] : [`/memory/${peerId()}`]),
        connect: async (to) => connect(peerId(), to),
        onChange: (listener) => {
          listeners.push(listener);
        },
        stop: async () => {
          stations.delete(peerId());
          station?.links.forEach((link) => link.close('the peer has stopped'));
          station = undefined;
        },
      };
    },
    cut: () => {
      for (const { links } of stations.values()) {
        links.forEach((link) => link.close('the link was cut'));
      }
    },
    block: (blocked) => {
      isBlocked = blocked;
      for (const { links, listeners } of stations.values()) {
        if (blocked) {
          links.forEach((link) => link.close('the network is gone'));
        } else {
          listeners.forEach((tell) => tell());
        }
      }
    },
    separate: (one, other, isApart) => {
      const pair = pairOf(one, other);
      apart.delete(pair);
      if (isApart) {
        apart.add(pair);
      }
      for (const { peerId, links, listeners } of stations.values()) {
        if (peerId === one || peerId === other) {
          if (isApart) {
            links.forEach((link) => {
              if (link.peerId === one || link.peerId === other) {
                link.close('the two are apart');
              }
            });
          } else {
            listeners.forEach((tell) => tell());
          }
        }
      }
    },
    connectAs: (peerId, to) => {
      const received: string[] = [];
      const closed: string[] = [];
      const target = stations.get(to);
      if (target?.onLink === undefined) {
        throw Error(`${to} is not there`);
      }
      const { near, far, handlers } = join(peerId, to);
      handlers.us = {
        onFrame: (text) => received.push(text),
        onClosed: (reason) => closed.push(reason),
      };
      handlers.them = target.onLink(far);
      return { link: near, received, closed };
    },
  };
};
