/**
 * A relay with all that an operator needs of it, in this process: the relay
 * itself, its identity in its home, the socket at which it is asked and
 * stopped, and its metrics. For who has the lock of the home.
 */
import type { Logger } from '@ocap/kernel-utils';
import {
  insistRelayLimits,
  startRelay,
  type RelayMetrics,
} from '@ocap/kernel-utils/libp2p';
import { startRpcSocketServer } from '../daemon/rpc-socket-server.ts';
import { provideSeed } from '../identity/peer-identity.ts';
import { startMetricsServer } from './metrics-server.ts';
import { relayMetricsText } from './metrics-text.ts';
import type { RelayPaths } from './relay-paths.ts';
import { makeRelayRpc } from './relay-rpc.ts';
import type { RelaySettings, RelayStatus } from './relay-settings.ts';
import { guardSockets } from './socket-guard.ts';

type Options = Readonly<{
  paths: RelayPaths;
  settings: RelaySettings;
  logger: Logger;
  /** Somebody has asked for the end at the socket. */
  onShutdown(): void;
}>;

export type RelayService = Readonly<{
  status(): RelayStatus;
  close(): Promise<void>;
}>;

// Sockets may be twice as many as connections: so many can be on their way to
// become one, or to be refused.
const SOCKETS_A_CONNECTION = 2;

/** @throws RELAY_OPTION_INVALID, RELAY_PORT_TAKEN, RELAY_LISTEN_FAILED, IDENTITY_UNUSABLE */
export const openRelayService = async ({
  paths,
  settings: { metricsPort, ...options },
  logger,
  onShutdown,
}: Options): Promise<RelayService> => {
  const began = performance.now();
  const limits = insistRelayLimits(options.limits);
  const identity = new Uint8Array(provideSeed(paths.identityPath));
  // In the order in which they are opened; closed the other way round.
  const open: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let last = open.pop(); last; last = open.pop()) await last();
  };

  try {
    const guard = guardSockets({
      maxSockets: limits.maxConnections * SOCKETS_A_CONNECTION,
      maxPerIp: limits.maxPerIp * SOCKETS_A_CONNECTION,
    });
    open.push(guard.stop);
    const relay = await startRelay({ ...options, identity });
    open.push(relay.stop);

    const status = (): RelayStatus => ({
      pid: process.pid,
      home: paths.home,
      peerId: relay.peerId,
      addresses: relay.addresses(),
      uptimeMs: Math.round(performance.now() - began),
      ...(metrics === undefined ? {} : { metricsUrl: metrics.url }),
      limits,
      metrics: { ...relay.metrics(), socketsClosed: guard.closed() },
    });
    const metrics =
      metricsPort === undefined
        ? undefined
        : await startMetricsServer(metricsPort, () =>
            relayMetricsText(status()),
          );
    if (metrics !== undefined) open.push(metrics.close);
    open.push(tellOfRefusals(() => relay.metrics().refused, logger));

    const server = await startRpcSocketServer({
      socketPath: paths.socketPath,
      logger,
      rpc: makeRelayRpc(
        new Map<string, () => unknown>([
          ['ping', () => 'pong'],
          ['getStatus', status],
          ['shutdown', onShutdown],
        ]),
      ),
    });
    open.push(server.close);
    return { status, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const TELL_EVERY_MS = 60_000;

/** In the log, once a minute at most: who is refused decides how often that is. */
const tellOfRefusals = (
  refused: () => RelayMetrics['refused'],
  logger: Logger,
): (() => void) => {
  let told = JSON.stringify(refused());
  const timer = setInterval(() => {
    const now = refused();
    if (JSON.stringify(now) === told) return;
    told = JSON.stringify(now);
    logger.warn('The relay has refused requests; so many since its start.', {
      refused: now,
    });
  }, TELL_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
};
