/** Types of libp2p's parts, as its one entry point tells them. */
import type { webSockets } from '@libp2p/websockets';
import type { Libp2p, Libp2pOptions } from 'libp2p';

type Given<Key extends keyof Libp2pOptions> = NonNullable<Libp2pOptions[Key]>;

export type ConnectionGater = Given<'connectionGater'>;
/** Where libp2p's parts report to; see relay-streams.ts for what we make of it. */
export type Metrics = ReturnType<Given<'metrics'>>;
export type Stream = Parameters<Metrics['trackProtocolStream']>[0];
export type RawConnection = Parameters<Metrics['trackMultiaddrConnection']>[0];
export type Connection = ReturnType<Libp2p['getConnections']>[number];
export type PeerId = Libp2p['peerId'];
export type Multiaddr = Connection['remoteAddr'];

export type TransportFactory = ReturnType<typeof webSockets>;
export type Transport = ReturnType<TransportFactory>;
export type Listener = ReturnType<Transport['createListener']>;
