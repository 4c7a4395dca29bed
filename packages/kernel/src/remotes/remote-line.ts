/**
 * One link to another kernel while it lasts: who is at the other end, and
 * whether both sides have agreed on where they are.
 */
import type { RemoteId } from '@ocap/kernel-utils';
import type { DataFrame } from './frames.ts';
import type { LinePace } from './line-pace.ts';
import type { PeerLink } from './peer-transport.ts';
import type { RemoteQueue } from './remote-queue.ts';

export type Line = {
  readonly link: PeerLink;
  /** When both sides had introduced themselves, monotonic ms. */
  establishedAt: number | undefined;
  /** What the other side was told: our session and its own, as far as we knew it. */
  said: Readonly<{ session: string; yours: string | null }> | undefined;
  /** How often the other side has introduced itself. */
  hellos: number;
  /** We have ended it. */
  isClosing: boolean;
  isClosed: boolean;
  /** The last frame that was sent on it. */
  sentUpTo: number;
  readonly pace: LinePace;
};

export type HeldFrame = Readonly<{
  frame: DataFrame;
  /** Of its text. */
  chars: number;
}>;

/** What is known of another kernel while this one runs. */
export type Peer = {
  readonly id: RemoteId;
  readonly queue: RemoteQueue;
  line: Line | undefined;
  /** Frames that wait until what this peer has sent before is worked off. */
  readonly held: HeldFrame[];
  /** Names in frames of it that were applied since the last commit. */
  appliedNames: number;
  /** Of the last link that was lost. */
  lastPace: LinePace | undefined;
  /** Frames of it that it was not told of. */
  unacknowledged: number;
  isConnecting: boolean;
  /** Attempts that failed since it was last reached. */
  failures: number;
  /** Why the last attempt failed, or the last link ended. */
  problem: string | undefined;
  cancelRetry: (() => void) | undefined;
  /** While others are heard, after a large frame of it. */
  cancelRest: (() => void) | undefined;
  /** While its link is full. */
  cancelSending: (() => void) | undefined;
  readonly onEstablished: (() => void)[];
  /** When it was met anew of late, monotonic ms. */
  metAnew: readonly number[];
};

export const makePeer = (id: RemoteId, queue: RemoteQueue): Peer => ({
  id,
  queue,
  line: undefined,
  held: [],
  appliedNames: 0,
  lastPace: undefined,
  unacknowledged: 0,
  isConnecting: false,
  failures: 0,
  problem: undefined,
  cancelRetry: undefined,
  cancelRest: undefined,
  cancelSending: undefined,
  onEstablished: [],
  metAnew: [],
});

const RIVALS_MS = 3000;

/**
 * Whether a new link takes the place of an older one. If both sides have opened
 * one at about the same time, both keep the one of the smaller peer id;
 * otherwise the older one is probably dead.
 */
export const supersedes = (
  next: Line,
  old: Line,
  { ownPeerId, now }: Readonly<{ ownPeerId: string; now: number }>,
): boolean => {
  const age = now - (old.establishedAt ?? 0);
  if (next.link.opener === old.link.opener || age > RIVALS_MS) {
    return true;
  }
  const smallest = ownPeerId < next.link.peerId ? 'us' : 'them';
  return next.link.opener === smallest;
};
