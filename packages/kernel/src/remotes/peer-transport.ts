/**
 * What the kernel needs of a network to reach other kernels: authenticated
 * links that carry whole frames in order, until they break. Everything beyond
 * (resending, acknowledging, references) is the kernel's; whoever speaks at the
 * other end is known to hold the key of its peer id, and is otherwise untrusted.
 */

/** `--listen`, `--relay` and what belongs to them. */
export type RemoteCommsOptions = Readonly<{
  /** Multiaddrs to listen on, such as `/ip4/127.0.0.1/tcp/0`; none by default. */
  listen?: readonly string[];
  /** Multiaddrs of relays, with their peer ids, at which to be reachable. */
  relays?: readonly string[];
}>;

/** One connection to a peer. Frames arrive in the order in which they were sent, or not at all. */
export type PeerLink = Readonly<{
  /** Proven by the transport. */
  peerId: string;
  /** Who opened it. */
  opener: 'us' | 'them';
  /** Whether it goes through a relay, which may cut it at any time. */
  isRelayed: boolean;
  /** Hands one frame over; after the end of the link it is lost. */
  send(frame: string): void;
  /** Bytes handed over that are still in this process. */
  unsentBytes(): number;
  /** What the relay says it still carries on it, both ways together; undefined if nobody knows, or nobody counts. */
  bytesLeft(): number | undefined;
  /** Idempotent. `onClosed` follows, once. */
  close(reason: string): void;
}>;

export type PeerLinkHandlers = Readonly<{
  /** One frame: untrusted text. */
  onFrame(frame: string): void;
  /** Once, also after `close`. Nothing comes after it. */
  onClosed(reason: string): void;
}>;

export type PeerTransport = Readonly<{
  /**
   * Begins to be reachable. Rejects if it cannot listen as asked; a relay that
   * is not there yet is tried again until it is.
   */
  start(
    options: RemoteCommsOptions,
    /** For every new link, whoever opened it. */
    onLink: (link: PeerLink) => PeerLinkHandlers,
  ): Promise<void>;
  /** Multiaddrs at which others can reach this kernel now, with relays, without its own peer id. */
  addresses(): readonly string[];
  /**
   * Opens a link, at any of the addresses (multiaddrs as `addresses()` gives
   * them): the new link is told to `onLink` before this resolves. Rejects with a
   * reason for people. Direct ways are tried before relayed ones.
   */
  connect(peerId: string, addresses: readonly string[]): Promise<void>;
  /** Something about the network has changed: another attempt may succeed now. */
  onChange(listener: () => void): void;
  stop(): Promise<void>;
}>;
