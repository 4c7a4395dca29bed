/**
 * A libp2p relay (circuit relay v2): peers that cannot be reached from outside
 * reserve a place here, and others reach them through it. It sees who talks to
 * whom, when and how much, and nothing of what they say.
 */
import { multiaddr } from '@multiformats/multiaddr';
import { fail, messageOf } from '../errors.ts';
import { makeAdmission, whoGivesWay } from './admission.ts';
import {
  listenAddresses,
  makeAnnounce,
  type RelayAddressOptions,
} from './relay-addresses.ts';
import { makeRelayCounts, type RelayMetrics } from './relay-counts.ts';
import { insistRelayLimits, type RelayLimits } from './relay-limits.ts';
import { makeRelayMetrics } from './relay-metrics.ts';
import { makeRelayNode } from './relay-node.ts';
import { makeStreamWatch } from './relay-streams.ts';
import { makeReservations, type Reservations } from './reservations.ts';

export type RelayOptions = RelayAddressOptions &
  Readonly<{
    /** 32 bytes, the seed of an Ed25519 key; without it, another peer id at each start. */
    identity?: Uint8Array;
    /** Those that are not to have their usual value: see `relayLimits`. */
    limits?: Partial<RelayLimits>;
  }>;

export type Relay = Readonly<{
  /** `12D3KooW…` */
  peerId: string;
  /** Multiaddrs at which others can reach it, with its peer id. */
  addresses(): readonly string[];
  metrics(): RelayMetrics;
  /** Cuts all circuits and closes all connections. Idempotent. */
  stop(): Promise<void>;
}>;

const SEED_BYTES = 32;

/**
 * Resolves when it listens.
 * @throws RELAY_OPTION_INVALID, RELAY_PORT_TAKEN, RELAY_LISTEN_FAILED
 */
export const startRelay = async (
  options: RelayOptions = {},
): Promise<Relay> => {
  const { identity } = options;
  if (identity !== undefined && identity.length !== SEED_BYTES) {
    const problem = `it has ${identity.length} bytes, and must have ${SEED_BYTES}`;
    throw fail('RELAY_OPTION_INVALID', { option: 'identity', problem });
  }
  const limits = insistRelayLimits(options.limits);
  const listen = listenAddresses(options);
  const announce = makeAnnounce(options);
  const counts = makeRelayCounts();

  const listeners = new Set<Listener>();
  const ownAddresses = (): string[] =>
    announce([...listeners].flatMap((each) => each.getAddrs().map(String)));

  const node = await makeRelayNode({
    identity,
    listen,
    limits,
    announceFilter: () => ownAddresses().map((own) => multiaddr(withPeer(own))),
    gater: makeAdmission({ limits, counts, reservations: () => reservations }),
    metrics: makeRelayMetrics({ counts, watchStream: makeStreamWatch(counts) }),
  });
  const peerId = node.peerId.toString();
  const withPeer = (address: string): string => `${address}/p2p/${peerId}`;
  const reservations: Reservations = makeReservations(node.services.relay);

  node.addEventListener('transport:listening', ({ detail }) => {
    listeners.add(detail);
  });
  node.addEventListener('transport:close', ({ detail }) => {
    listeners.delete(detail);
  });
  node.addEventListener('connection:open', ({ detail: newest }) => {
    counts.totals.connections += 1;
    const leaving = whoGivesWay({
      connections: node.getConnections(),
      newest,
      limits,
      hasReservation: ({ remotePeer }) => reservations.has(remotePeer),
    });
    leaving?.close().catch(() => leaving.abort(new Error('it gave way')));
    // Circuits would be opened on the oldest, and whoever comes again has lost it.
    for (const other of node.getConnections(newest.remotePeer)) {
      if (other !== newest) other.abort(new Error('the peer has come again'));
    }
  });
  node.addEventListener('peer:disconnect', ({ detail: peer }) => {
    reservations.forget(peer);
    // Nothing is remembered of who was here. There may be nothing to forget.
    node.peerStore.delete(peer).catch(() => undefined);
  });

  try {
    await node.start();
  } catch (error) {
    throw listenFailure(error);
  }

  let stopping: Promise<void> | undefined;
  return {
    peerId,
    addresses: () => ownAddresses().map(withPeer),
    metrics: () => ({
      connections: node.getConnections().length,
      reservations: reservations.count(),
      circuits: counts.openCircuits,
      totals: { ...counts.totals },
      refused: { ...counts.refused },
    }),
    stop: async () => {
      stopping ??= Promise.resolve(node.stop());
      return stopping;
    },
  };
};

type Listener = Readonly<{ getAddrs(): readonly object[] }>;

/** libp2p keeps of the system's error only its text. */
const listenFailure = (error: unknown): Error => {
  const text = messageOf(error);
  const [, takenPort] = /EADDRINUSE.*:(\d+)\s*$/mu.exec(text) ?? [];
  if (takenPort !== undefined) {
    return fail('RELAY_PORT_TAKEN', { port: takenPort }, { cause: error });
  }
  const [system] = /listen E[A-Z]+.*$/mu.exec(text) ?? [];
  return fail(
    'RELAY_LISTEN_FAILED',
    { problem: system ?? text },
    { cause: error },
  );
};
