/**
 * Everything that the kernel needs of the world, injected: time, turns,
 * processes, bundles. With these replaced by seeded ones, a whole kernel runs
 * deterministically in one thread.
 */
import type { LimitValues, Logger, SubclusterId } from '@ocap/kernel-utils';
import type { IoSpec, VatConfig } from './kernel-api.ts';
import type { PeerTransport } from './remotes/peer-transport.ts';
import type { FetchOutcome, FetchRequest } from './vat/fetch-protocol.ts';
import type { ReadReply, ReadRequest, ToHost } from './vat/protocol.ts';

/** A process in which vats run. */
export type VatHost = Readonly<{
  pid: number;
  /** Frames arrive in order; what is sent after the end is lost. */
  send(frame: ToHost): void;
  /** Ends the process; `onEnd` follows, once. */
  kill(reason: string): void;
  memoryBytes(): number;
}>;

export type HostEvents = Readonly<{
  /** One line of the host: untrusted text. */
  onLine(line: string): void;
  onEnd(reason: string): void;
  /** One line on the read channel: untrusted text. Throws to end the host. */
  onRead(line: string): ReadReply;
}>;

export type VatHosts = Readonly<{
  /** A host of its own for the caller; the spare one if it is ready. */
  open(events: HostEvents): VatHost;
  /** The host that waits for the next `open`, if there is one. */
  spare(): Readonly<{ pid: number; memoryBytes: number }> | undefined;
  /** Ends every host, also the spare. */
  close(): Promise<void>;
}>;

export type LoadedBundle = Readonly<{
  /** SHA-256 of `text`, hex. */
  hash: string;
  text: string;
}>;

export type Network = Readonly<{
  /**
   * Makes a request of a vat. Refuses whatever would reach a host that is not in
   * the list, also by a redirect or a name that leads elsewhere. What goes wrong
   * is a problem in the outcome; after `signal` the outcome does not matter.
   */
  fetch(
    request: FetchRequest,
    options: Readonly<{
      /** As in the vat's config. */
      allowedHosts: readonly string[];
      signal: AbortSignal;
    }>,
  ): Promise<FetchOutcome>;
}>;

/** All arguments of these are text. What a channel has of them depends on its spec. */
export type IoMethod =
  | 'read'
  | 'write'
  | 'readText'
  | 'list'
  | 'stat'
  | 'writeText'
  | 'appendText'
  | 'makeFolder'
  | 'remove';

/**
 * An open channel. Methods return data, and reject with a reason for people.
 * Those other than `read` are done one after the other; `read` resolves to the
 * next line without its end, or to null where there is no more.
 */
export type IoChannel = Readonly<
  Partial<Record<IoMethod, (...args: string[]) => Promise<unknown>>> & {
    /** What is under way is rejected or done. Idempotent. */
    close(): Promise<void>;
  }
>;

export type Io = Readonly<{
  /** Rejects with a reason for people if it cannot be opened. */
  open(
    spec: IoSpec,
    terms: Readonly<{
      /** As in the config, and of which subcluster: for the log. */
      name: string;
      subclusterId: SubclusterId;
      /** For the first time; otherwise it takes up where an earlier daemon was. */
      fresh: boolean;
    }>,
  ): Promise<IoChannel>;
}>;

export type Powers = Readonly<{
  hosts: VatHosts;
  network: Network;
  io: Io;
  /** Links to other kernels. Nothing of it is used before it is asked for. */
  peers: PeerTransport;
  /** Reads (or makes) the bundle that a vat's config names. */
  loadBundle(vatName: string, config: VatConfig): Promise<LoadedBundle>;
  /** Hash that tells two requests apart, hex. */
  hash(text: string): string;
  /** Who this kernel is to others; made when it is first asked for. */
  identity(): Readonly<{ peerId: string }>;
  /** So many bytes from a cryptographic source, as hexadecimal digits. */
  randomHex(bytes: number): string;
  /** Monotonic milliseconds. */
  now(): number;
  /** Epoch milliseconds. */
  epoch(): number;
  /** Runs `task` when the input that is ready now has been worked off. */
  nextTurn(task: () => void): void;
  /** Runs `task` after `ms`; returns what cancels it. */
  after(ms: number, task: () => void): () => void;
  limits: LimitValues;
  logger: Logger;
  /** The store failed: nothing can be promised any more, the process must end. */
  fatal(error: unknown): void;
}>;

export type { ReadRequest };
