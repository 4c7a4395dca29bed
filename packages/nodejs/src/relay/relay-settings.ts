/** What is said of a relay when it is started, and what it says of itself. */
import type {
  RelayLimits,
  RelayMetrics,
  RelayOptions,
} from '@ocap/kernel-utils/libp2p';

/** Handed to the relay's process as JSON. */
export type RelaySettings = Omit<RelayOptions, 'identity'> &
  Readonly<{
    /** Where on loopback its metrics are to be had for Prometheus; 0 takes any port. */
    metricsPort?: number;
  }>;

/** The answer to `getStatus` at the relay's socket. */
export type RelayStatus = Readonly<{
  pid: number;
  /** The relay's own folder. */
  home: string;
  peerId: string;
  addresses: readonly string[];
  uptimeMs: number;
  metricsUrl?: string;
  limits: RelayLimits;
  metrics: RelayMetrics &
    Readonly<{
      /** Sockets that were closed before they were connections: see socket-guard.ts. */
      socketsClosed: number;
    }>;
}>;
