/** Types of libp2p by their usual names; nothing of it is loaded. */
import type { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { yamux } from '@libp2p/yamux';
import type { Libp2p, Libp2pOptions } from 'libp2p';

export type Connection = ReturnType<Libp2p['getConnections']>[number];
export type Stream = Awaited<ReturnType<Connection['newStream']>>;
export type PeerId = Libp2p['peerId'];

export type ConnectionGater = NonNullable<Libp2pOptions['connectionGater']>;

/** A connection before it has streams. */
export type RawConnection = Parameters<
  NonNullable<ConnectionGater['denyInboundUpgradedConnection']>
>[1];

export type MuxerFactory = ReturnType<ReturnType<typeof yamux>>;
export type Muxer = ReturnType<MuxerFactory['createStreamMuxer']>;
/** What a muxer runs on: encrypted already. */
export type MuxedConnection = Parameters<MuxerFactory['createStreamMuxer']>[0];

type CircuitFactory = ReturnType<typeof circuitRelayTransport>;
export type Components = Parameters<CircuitFactory>[0];
export type Transport = ReturnType<CircuitFactory>;
