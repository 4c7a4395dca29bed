/**
 * The network between the simulated kernels: links that are slow, break, stay
 * half open or go through a relay that ends them, and pairs of kernels that do
 * not reach each other for a while.
 */
import type { PeerTransport } from '@ocap/kernel';
import type { Random } from '../support/random.ts';
import type { Scheduler } from './scheduler.ts';
import { openSimLink, type SimLink, type Station } from './sim-link.ts';
import { NETWORK } from './sim-pipe.ts';

export type SimNetwork = Readonly<{
  /** For one life of a daemon. */
  transport(
    station: Readonly<{ kernel: string; peerId: string; isAlive(): boolean }>,
  ): PeerTransport;
  /** The daemon of this peer is no more. */
  onDown(peerId: string): void;
  /** Ends one of the links; tells which. */
  breakOne(): string;
  /** From now on two of the kernels do not reach each other, for a while. */
  separateTwo(): string;
  /** While it is off, everything arrives and everybody is reached. */
  setFaults(on: boolean): void;
}>;

/** For an attempt to reach somebody of whom nothing is heard. */
const CONNECT_MS = 15_000;
/** So long two kernels may be apart. */
const APART_MS = [100, 1000, 5000, 30_000];
/** Of how many links one goes through a relay. */
const RELAYED_ONE_IN = 4;
const RELAYED_CHARS = { least: 4000, most: 60_000 };
/** As the transport has it: `remoteLinksPerPeer`. */
const LINKS_PER_PEER = 4;

export const makeSimNetwork = ({
  random,
  scheduler,
  note,
  count,
}: Readonly<{
  random: Random;
  scheduler: Scheduler;
  note: (text: string, detail?: string) => void;
  count: (what: string) => void;
}>): SimNetwork => {
  const stations = new Map<string, Station>();
  const links = new Set<SimLink>();
  /** Kernels that do not reach each other, as `pairOf` names them. */
  const apart = new Set<string>();
  let isFaulty = false;
  let opened = 0;
  let dials = 0;

  const pairOf = (one: Station, other: Station): string =>
    [one.kernel, other.kernel].toSorted().join(' and ');
  const isLive = (link: SimLink): boolean =>
    link.stations.some((station) => station.links.has(link));
  const live = (): readonly SimLink[] => {
    for (const link of links) {
      if (!isLive(link)) {
        links.delete(link);
      }
    }
    return [...links];
  };

  const heal = (pair: string): void => {
    if (!apart.delete(pair)) {
      return;
    }
    note(`${pair} reach each other again`);
    for (const { kernel, listeners, isAlive } of stations.values()) {
      // Not every network tells that it is there again.
      if (pair.includes(kernel) && isAlive() && random.integer(0, 1) === 0) {
        listeners.forEach((tell) => tell());
      }
    }
  };

  /** A peer has so many links at most: the oldest makes room. */
  const makeRoom = (at: Station, peer: Station): void => {
    const between = [...at.links].filter((link) =>
      link.stations.includes(peer),
    );
    for (const link of between.slice(0, 1 - LINKS_PER_PEER)) {
      if (between.length >= LINKS_PER_PEER) {
        link.closeAt(at, 'the peer has newer links');
      }
    }
  };

  const open = (from: Station, to: Station, onOpened: () => void): void => {
    makeRoom(from, to);
    makeRoom(to, from);
    opened += 1;
    count('links');
    const isRelayed = isFaulty && random.integer(1, RELAYED_ONE_IN) === 1;
    const { least, most } = RELAYED_CHARS;
    const link = openSimLink(
      { random, scheduler, note },
      {
        name: `link${opened}`,
        stations: [from, to],
        relayedChars: isRelayed ? random.integer(least, most) : undefined,
        isFaulty: () => isFaulty,
        onOpened,
      },
    );
    links.add(link);
  };

  const dial = (
    from: Station,
    peerId: string,
    outcome: Readonly<{ done(): void; failed(problem: string): void }>,
  ): void => {
    const to = stations.get(peerId);
    if (!from.isAlive()) {
      return;
    }
    if (from.onLink === undefined) {
      outcome.failed('the transport has stopped');
    } else if (to !== undefined && apart.has(pairOf(from, to))) {
      // Otherwise the attempt takes as long as it may.
      if (random.integer(0, 1) === 0) {
        outcome.failed('there is no way there');
      }
    } else if (to?.isAlive() === true && to.onLink !== undefined) {
      open(from, to, outcome.done);
    } else {
      outcome.failed('nobody answers there');
    }
  };

  const connect = async (from: Station, peerId: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const failed = (problem: string): void => {
        cancel();
        reject(Error(problem));
      };
      const done = (): void => {
        cancel();
        resolve();
      };
      const label = `${from.kernel} has waited long enough for a link`;
      const cancel = scheduler.after(NETWORK, CONNECT_MS, label, () => {
        if (from.isAlive()) {
          failed('it did not answer in time');
        }
      });
      dials += 1;
      scheduler.push(
        `${NETWORK}/dial${dials}`,
        `${from.kernel} dials ${stations.get(peerId)?.kernel ?? peerId}`,
        () => dial(from, peerId, { done, failed }),
      );
    });

  return {
    transport: ({ kernel, peerId, isAlive }) => {
      const station: Station = {
        kernel,
        peerId,
        isAlive,
        onLink: undefined,
        listeners: [],
        links: new Set(),
      };
      return {
        start: async (_options, onLink) => {
          station.onLink = onLink;
          if (isAlive()) {
            stations.set(peerId, station);
          }
        },
        addresses: () => [`/sim/${kernel}`],
        connect: async (to) => connect(station, to),
        onChange: (listener) => {
          station.listeners.push(listener);
        },
        stop: async () => {
          station.onLink = undefined;
          for (const link of station.links) {
            link.closeAt(station, 'the peer has stopped');
          }
        },
      };
    },
    onDown: (peerId) => {
      const station = stations.get(peerId);
      stations.delete(peerId);
      for (const link of station?.links ?? []) {
        link.sever('the peer is gone', station);
      }
    },
    breakOne: () => {
      const all = live();
      if (all.length === 0) {
        return 'no link';
      }
      const link = random.pick(all);
      link.sever('it was struck');
      return pairOf(...link.stations);
    },
    separateTwo: () => {
      const all = [...stations.values()];
      if (all.length < 2) {
        return 'nobody';
      }
      const one = random.pick(all);
      const other = random.pick(all.filter((station) => station !== one));
      const pair = pairOf(one, other);
      apart.add(pair);
      for (const link of live()) {
        if (pairOf(...link.stations) === pair) {
          link.sever('the two are apart');
        }
      }
      const label = 'the network heals';
      scheduler.after(NETWORK, random.pick(APART_MS), label, () => heal(pair));
      return pair;
    },
    setFaults: (on) => {
      isFaulty = on;
      if (!on) {
        [...apart].forEach(heal);
      }
    },
  };
};
