/**
 * Keeps a reservation at each relay, so that peers can reach this daemon there:
 * makes it, notices when it is lost, and tries again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import type { Logger } from '@ocap/kernel-utils';
import type { Connection } from './libp2p-types.ts';
import { problemOf } from './problem-of.ts';
import { failuresBefore, relayPauseAfter } from './relay-pause.ts';
import type { ReservationStore } from './relayed-transport.ts';

const ATTEMPT_MS = 10_000;

/** Of each relay: it tells them itself, and may tell anything. */
const MAX_ADDRESSES = 8;

type RelayPowers = Readonly<{
  dial(relay: Multiaddr[], signal: AbortSignal): Promise<Connection>;
  /** The protocols that the peer says it speaks. */
  protocolsOf(
    connection: Connection,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  store: ReservationStore;
  logger: Logger;
  /** The addresses may have changed. */
  onChange(): void;
}>;

export type RelayKeeper = Readonly<{
  /** Where peers reach this daemon now: `…/p2p/<relay>/p2p-circuit`. */
  addresses(): readonly string[];
  isRelay(peerId: string): boolean;
  stop(): Promise<void>;
}>;

/** Begins at once. Each multiaddr ends with the peer id of its relay. */
export const keepRelays = (
  relays: readonly Multiaddr[],
  powers: RelayPowers,
): RelayKeeper => {
  const { store, onChange } = powers;
  const stopping = new AbortController();
  const { signal } = stopping;
  const known = Map.groupBy(relays, relayIdOf);
  /** By peer id of the relay. */
  const reserved = new Map<string, readonly string[]>();
  const onLost = new Map<string, () => void>();

  store.addEventListener('relay:created-reservation', ({ detail }) => {
    const addresses = detail.details.reservation.addrs
      .slice(0, MAX_ADDRESSES)
      .map((bytes) => `${multiaddr(bytes).toString()}/p2p-circuit`);
    reserved.set(detail.relay.toString(), addresses);
    onChange();
  });
  store.addEventListener('relay:removed', ({ detail }) => {
    const id = detail.relay.toString();
    reserved.delete(id);
    onLost.get(id)?.();
    onChange();
  });

  /** One attempt; resolves once a reservation that was made is lost, with how long it held. */
  const reserve = async (id: string, relay: Multiaddr[]): Promise<number> => {
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    onLost.set(id, resolve);
    await makeReservation(relay, powers, signal);
    const madeAt = performance.now();
    if (!signal.aborted) {
      powers.logger.info('A relay makes this daemon reachable.', { relay: id });
      await lost;
    }
    return performance.now() - madeAt;
  };

  const keepers = [...known].map(async ([id, relay]) =>
    keepTrying(async () => reserve(id, relay), { id, powers, signal }),
  );

  return {
    addresses: () => [...reserved.values()].flat(),
    isRelay: (peerId) => known.has(peerId),
    stop: async () => {
      stopping.abort();
      for (const resolve of onLost.values()) {
        resolve();
      }
      await Promise.all(keepers);
    },
  };
};

const relayIdOf = (relay: Multiaddr): string =>
  relay.getComponents().at(-1)?.value ?? '';

/** Never rejects; resolves once the signal is given. */
const keepTrying = async (
  reserve: () => Promise<number>,
  {
    id,
    powers: { logger },
    signal,
  }: Readonly<{ id: string; powers: RelayPowers; signal: AbortSignal }>,
): Promise<void> => {
  let failures = 0;
  while (!signal.aborted) {
    let problem = 'the reservation was lost';
    try {
      failures = failuresBefore(failures, await reserve());
    } catch (error) {
      problem = problemOf(error);
    }
    if (!signal.aborted) {
      const report = failures === 0 ? logger.warn : logger.debug;
      report('A relay cannot be used; it is tried again.', {
        relay: id,
        problem,
      });
      await sleep(relayPauseAfter(failures), undefined, { signal }).catch(
        () => undefined,
      );
    }
    failures += 1;
  }
};

const makeReservation = async (
  relay: Multiaddr[],
  { dial, protocolsOf, store }: RelayPowers,
  stopping: AbortSignal,
): Promise<void> => {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(ATTEMPT_MS)]);
  const connection = await dial(relay, signal);
  try {
    // Asked first: libp2p would never again try a peer that was not a relay once,
    // and a relay that has only just started is not one yet.
    const protocols = await protocolsOf(connection, signal);
    if (!protocols.includes(RELAY_V2_HOP_CODEC)) {
      throw Error('it is not a relay');
    }
    signal.throwIfAborted();
    await beforeAbort(
      signal,
      store.addRelay(connection.remotePeer, 'configured'),
    );
  } catch (error) {
    if (signal.aborted) {
      // An older connection may be dead, and would be taken again and again.
      connection.abort(Error('the relay did not answer on it'));
    }
    throw error;
  }
};

/** For what takes no signal itself. */
const beforeAbort = async (
  signal: AbortSignal,
  work: Promise<unknown>,
): Promise<void> => {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
