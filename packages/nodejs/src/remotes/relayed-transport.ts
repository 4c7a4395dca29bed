/**
 * The transport of libp2p that goes through relays, held to the relays that
 * this daemon chose: by itself it would take any peer that asks for one. Uses
 * members of libp2p's class that its types do not show.
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type {
  Components,
  Connection,
  PeerId,
  Stream,
  Transport,
} from './libp2p-types.ts';

/** Reservations that would have to wait are dropped when another is made, and nobody is told. */
const AT_ONCE = 1000;

/** Peers that happen to be relays are none for this daemon: as if all of them were known already. */
const knowsAll = {
  has: () => true,
  add: () => undefined,
  remove: () => undefined,
};

type ReservationEvent = Readonly<{
  detail: Readonly<{
    relay: PeerId;
    details: Readonly<{ reservation: Readonly<{ addrs: Uint8Array[] }> }>;
  }>;
}>;

export type ReservationStore = Readonly<{
  /** Makes a reservation with a relay and keeps it up while the connection lasts. */
  addRelay(relay: PeerId, type: 'configured'): Promise<unknown>;
  hasReservation(relay: PeerId): boolean;
  addEventListener(
    type: 'relay:created-reservation' | 'relay:removed',
    listener: (event: ReservationEvent) => void,
  ): void;
}>;

type CircuitTransport = Transport & {
  readonly reservationStore: ReservationStore;
  onStop: (stream: Stream, connection: Connection) => Promise<void>;
};

export type RelayedTransport = Readonly<{
  reservationStore: ReservationStore;
  /** The parts of the node that it was made for. */
  components: Components;
}>;

/** `onMade` gets what libp2p has made, before anything is started. */
export const relayedTransport =
  (maxHandshakes: number, onMade: (made: RelayedTransport) => void) =>
  (components: Components): Transport => {
    const transport = circuitRelayTransport({
      discoveryFilter: knowsAll,
      reservationConcurrency: AT_ONCE,
    })(components);
    if (!('reservationStore' in transport && 'onStop' in transport)) {
      throw Error('this version of libp2p is not supported: no onStop');
    }
    const circuit = transport as CircuitTransport;
    const { onStop, reservationStore } = circuit;
    const handshakes = new Set<Stream>();
    circuit.onStop = async (stream, connection) => {
      if (!reservationStore.hasReservation(connection.remotePeer)) {
        throw Error('this peer is not a relay of ours');
      }
      const [oldest] = handshakes;
      if (oldest !== undefined && handshakes.size >= maxHandshakes) {
        handshakes.delete(oldest);
        oldest.abort(Error('too many handshakes'));
      }
      handshakes.add(stream);
      try {
        await onStop.call(circuit, stream, connection);
      } finally {
        handshakes.delete(stream);
      }
    };
    onMade({ reservationStore, components });
    return transport;
  };
