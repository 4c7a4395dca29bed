/**
 * `@ocap/kernel-utils/libp2p`: a relay for peers that cannot reach each other,
 * and what daemons need of libp2p as relays do. Apart from the rest of this
 * package, because it loads libp2p.
 */
export { insistMembers } from './insist-members.ts';
export { addressOfIp, networkOfIp } from './ip-network.ts';
export {
  insistRelayLimits,
  relayLimits,
  type RelayLimits,
} from './relay-limits.ts';
export type { RelayMetrics } from './relay-counts.ts';
export { startRelay, type Relay, type RelayOptions } from './start-relay.ts';
export {
  closedByAbort,
  tameWebSockets,
  type WebSocketLike,
} from './tame-web-sockets.ts';
