/** Who is let in, and who has to go when it gets crowded. */
import {
  RELAY_V2_HOP_CODEC,
  RELAY_V2_STOP_CODEC,
} from '@libp2p/circuit-relay-v2';
import { ipNetworkOf } from './ip-network.ts';
import type {
  Connection,
  ConnectionGater,
  RawConnection,
} from './libp2p-types.ts';
import type { RelayCounts } from './relay-counts.ts';
import type { RelayLimits } from './relay-limits.ts';
import type { Reservations } from './reservations.ts';

type Options = Readonly<{
  limits: RelayLimits;
  counts: RelayCounts;
  /** Those of the relay, which is made after its gates are. */
  reservations(): Reservations;
}>;

/** The gates that libp2p asks at. */
export const makeAdmission = ({
  limits,
  counts,
  reservations,
}: Options): ConnectionGater => {
  const perNetwork = new Map<string, number>();

  const add = (network: string, more: number): void => {
    const count = (perNetwork.get(network) ?? 0) + more;
    if (count > 0) perNetwork.set(network, count);
    else perNetwork.delete(network);
  };

  const denyInboundConnection = (connection: RawConnection): boolean => {
    const network = ipNetworkOf(connection.remoteAddr);
    if (network === undefined) return false;
    if ((perNetwork.get(network) ?? 0) >= limits.maxPerIp) return true;
    add(network, 1);
    const onClose = (): void => add(network, -1);
    connection.addEventListener('close', onClose, { once: true });
    return false;
  };

  return {
    // A relay calls nobody, whatever it is told by whom.
    denyDialPeer: () => true,
    denyDialMultiaddr: () => true,
    denyInboundConnection,
    denyInboundRelayReservation: (peer) => {
      // The library gives it a new one in the same turn, before anybody else
      // can have its place.
      reservations().forget(peer);
      return false;
    },
    denyOutboundRelayedConnection: () => {
      const isFull = counts.openCircuits >= limits.maxCircuits;
      if (isFull) counts.refused.circuits += 1;
      return isFull;
    },
  };
};

type RoomOptions = Readonly<{
  connections: readonly Connection[];
  /** The one for which room is made. */
  newest: Connection;
  limits: RelayLimits;
  hasReservation(connection: Connection): boolean;
}>;

/**
 * Which connection has to go now that one more is open: none while there is
 * room, and nobody who is being relayed.
 */
export const whoGivesWay = ({
  connections,
  newest,
  limits,
  hasReservation,
}: RoomOptions): Connection | undefined => {
  if (connections.length <= limits.maxConnections * 0.9) return undefined;
  return connections
    .filter(
      (connection) =>
        connection.id !== newest.id &&
        !hasReservation(connection) &&
        !isRelayed(connection),
    )
    .toSorted((one, other) => one.timeline.open - other.timeline.open)[0];
};

const isRelayed = ({ streams }: Connection): boolean =>
  streams.some(
    ({ protocol }) =>
      protocol === RELAY_V2_HOP_CODEC || protocol === RELAY_V2_STOP_CODEC,
  );
