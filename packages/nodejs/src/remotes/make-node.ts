/**
 * A libp2p node as a daemon needs it: with the key of the daemon, listening
 * nowhere yet, and with bounds on what others can make it hold and do.
 */
import {
  RELAY_V2_HOP_CODEC,
  RELAY_V2_STOP_CODEC,
} from '@libp2p/circuit-relay-v2';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import type { LimitValues } from '@ocap/kernel-utils';
import { createLibp2p } from 'libp2p';
import type { FrontDoor } from './front-door.ts';
import type { ConnectionGater, RawConnection } from './libp2p-types.ts';
import { guardedTcp, guardedWebSockets } from './listening-transports.ts';
import type { Pulses } from './pulses.ts';
import {
  relayedTransport,
  type RelayedTransport,
} from './relayed-transport.ts';
import { guardedYamux, SIGNS_OF_LIFE } from './yamux-guard.ts';

/** Of the links between daemons. */
export const PROTOCOL = '/ocap/1';

/** Those of the streams that make a connection worth keeping: links, and what relays carry. */
export const wantedProtocols: ReadonlySet<string> = new Set([
  PROTOCOL,
  RELAY_V2_HOP_CODEC,
  RELAY_V2_STOP_CODEC,
]);

const KiB = 1024;

type NodeTerms = Readonly<{
  seed: Uint8Array;
  limits: LimitValues;
  door: FrontDoor;
  pulses: Pulses;
}>;

export type Node = Awaited<ReturnType<typeof makeNode>>['node'];

export const makeNode = async ({ seed, limits, door, pulses }: NodeTerms) => {
  let relayed: RelayedTransport | undefined;
  const quic = await loadQuic(limits);
  const node = await createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    nodeInfo: { name: 'ocap', version: '1', userAgent: 'ocap' },
    transports: [
      guardedTcp(door),
      guardedWebSockets(door),
      relayedTransport(limits.remoteHandshakes, (made) => {
        relayed = made;
      }),
      ...(quic === undefined ? [] : [quic]),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [
      guardedYamux({
        limits,
        bulkProtocols: wantedProtocols,
        watch: pulses.watch,
      }),
    ],
    connectionGater: gaterFor(door),
    // What it would do is done by the guard of the multiplexer.
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: limits.remoteConnections,
      // The door counts more strictly, but not QUIC and what comes through relays.
      maxIncomingPendingConnections: 3 * limits.remoteHandshakes,
      inboundConnectionThreshold: 2 * limits.remoteConnectionsPerSecond,
      inboundUpgradeTimeout: limits.remoteHandshakeMs,
      inboundStreamProtocolNegotiationTimeout: limits.remoteHandshakeMs,
      outboundStreamProtocolNegotiationTimeout: limits.remoteHandshakeMs,
      // The relay keeper connects again, and the kernel.
      reconnectRetries: 0,
    },
    services: { identify: identify({ runOnConnectionOpen: false }) },
  });
  if (relayed === undefined) {
    throw Error('this version of libp2p is not supported: no transports');
  }
  return { node, hasQuic: quic !== undefined, ...relayed };
};

/** Native code that is not there for every machine. */
const loadQuic = async (limits: LimitValues) => {
  try {
    const { quic } = await import('@chainsafe/libp2p-quic');
    return quic({
      handshakeTimeout: limits.remoteHandshakeMs,
      maxIdleTimeout: limits.remoteSilenceMs,
      keepAliveInterval: Math.ceil(limits.remoteSilenceMs / SIGNS_OF_LIFE),
      maxConcurrentStreamLimit: limits.remoteStreams,
      maxStreamData: 1024 * KiB,
      maxConnectionData: 4096 * KiB,
    });
  } catch {
    return undefined;
  }
};

const gaterFor = (door: FrontDoor): ConnectionGater => ({
  denyInboundUpgradedConnection: (_peerId, connection) => {
    const { address, port } = endOf(connection);
    if (address !== undefined && port !== undefined) {
      door.admit(address, Number(port));
    }
    return false;
  },
});

const endOf = ({ remoteAddr }: RawConnection) => {
  const parts = remoteAddr.getComponents();
  const valueOf = (...names: string[]): string | undefined =>
    parts.find(({ name }) => names.includes(name))?.value;
  return { address: valueOf('ip4', 'ip6'), port: valueOf('tcp') };
};
