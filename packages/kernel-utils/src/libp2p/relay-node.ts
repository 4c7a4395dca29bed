/** The parts of libp2p that make a relay, put together and not yet started. */
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import type { ConnectionGater, Metrics } from './libp2p-types.ts';
import type { RelayLimits } from './relay-limits.ts';
import { tameWebSockets } from './tame-web-sockets.ts';

// How much a peer may send into one stream before it was passed on, and so what
// one direction of a circuit can take of the relay's memory.
const WINDOW_BYTES = 1024 * 1024;

// A peer that does not answer for so long is gone, or as good as. Longer than
// libp2p's own: a daemon may be busy for some seconds with one thing.
const PING_INTERVAL_MS = 30_000;
const PING_PATIENCE_MS = 20_000;

// Handshakes at a time: room for all to come back at once when the relay was
// restarted. One address has at most maxPerIp of them.
const MAX_HANDSHAKES = 256;

type Options = Readonly<{
  identity: Uint8Array | undefined;
  listen: string[];
  announceFilter: NonNullable<
    NonNullable<Libp2pOptions['addresses']>['announceFilter']
  >;
  limits: RelayLimits;
  gater: ConnectionGater;
  metrics: Metrics;
}>;

export const makeRelayNode = async ({
  identity,
  listen,
  announceFilter,
  limits,
  gater,
  metrics,
}: Options) =>
  createLibp2p({
    start: false,
    ...(identity === undefined
      ? {}
      : { privateKey: await generateKeyPairFromSeed('Ed25519', identity) }),
    // Says no more than needed of the machine that it runs on.
    nodeInfo: { name: 'ocap-relay', version: '1', userAgent: 'ocap-relay' },
    addresses: { listen, announceFilter },
    transports: [tcp(), tameWebSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({ streamOptions: { maxStreamWindowSize: WINDOW_BYTES } }),
    ],
    connectionGater: gater,
    connectionManager: {
      maxConnections: limits.maxConnections,
      inboundConnectionThreshold: limits.inboundPerSecond,
      maxIncomingPendingConnections: MAX_HANDSHAKES,
    },
    connectionMonitor: {
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: { minTimeout: PING_PATIENCE_MS },
    },
    metrics: () => metrics,
    services: {
      identify: identify(),
      relay: circuitRelayServer({
        hopTimeout: limits.hopMs,
        maxInboundHopStreams: 32,
        maxOutboundStopStreams: 300,
        reservations: {
          maxReservations: limits.maxReservations,
          reservationTtl: limits.reservationMs,
          defaultDurationLimit: limits.circuitMs,
          defaultDataLimit: BigInt(limits.circuitBytes),
        },
      }),
    },
  });
