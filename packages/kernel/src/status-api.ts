/** What `getStatus` tells of the disk and of other kernels. */
import type { RemoteId } from '@ocap/kernel-utils';

/** The disk takes nothing at present: why, and since when, in epoch ms. */
export type StorageProblem = Readonly<{ problem: string; since: number }>;

export type RemoteCommsStatus = Readonly<{
  peerId: string;
  /** Multiaddrs at which this daemon can be reached now. */
  addresses: readonly string[];
  /** Why it does not listen as it was told to; it tries again until it does. */
  problem?: string;
  peers: readonly Readonly<{
    id: RemoteId;
    peerId: string;
    /** `cut`: it broke the protocol and is not listened to until an operator says so. */
    state: 'connected' | 'connecting' | 'away' | 'cut';
    /** Whether the connection goes through a relay. */
    relayed?: boolean;
    /** Why it is not connected, if that is known. */
    problem?: string;
    /** Frames that it has not acknowledged. */
    queued: number;
    /** Messages that wait to become frames. */
    inbox: number;
    /** Messages of it that wait here for promises or for other kernels. */
    parked: number;
    /** What it has not taken or forgotten of what it was answered. */
    answers: number;
    /** The same in characters. */
    answerChars: number;
    /** Last contact, epoch ms. */
    seenAt: number;
    hints: readonly string[];
  }>[];
}>;
