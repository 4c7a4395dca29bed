/**
 * Links to other kernels are opened as long as there is something between the
 * two, with pauses that grow while nobody answers.
 */
import harden from '@endo/harden';
import { fail, messageOf, type RemoteId } from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import type { PeerLink } from './peer-transport.ts';
import type { RemoteBook } from './remote-book.ts';
import type { Peer } from './remote-line.ts';

/** Pause before the second attempt; each further one is twice as long, up to the longest. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 3000;
/** How long the side that has not opened a link leaves it to the other to open the next. */
const YIELD_MS = 1000;
/** How long a link that was opened may take until both sides know each other, before another is tried. */
const INTRODUCTION_MS = 3000;
/** After so many attempts a peer is not expected back soon. */
const PATIENT_AFTER = 100;
const PATIENT_PAUSE_MS = 60_000;

export type Reach = Readonly<{
  /** Opens a link, if there is reason to and none. */
  reach(peer: Peer): void;
  /** Its link, opened by either side, has ended, or has come to nothing. */
  onLost(peer: Peer, opener: PeerLink['opener']): void;
  /** Without a pause: something has changed. */
  retryNow(peer: Peer): void;
  /** Resolves when the two know each other. @throws PEER_UNREACHABLE */
  established(peer: Peer): Promise<void>;
  stop(): void;
}>;

export const makeReach = (
  { powers }: Pick<KernelContext, 'powers'>,
  book: RemoteBook,
  /** When the transport is there; undefined while nobody has asked for it. */
  started: () => Promise<void> | undefined,
  startAnew: (id: RemoteId, reason: string) => void,
): Reach => {
  const { peers: transport } = powers;
  let stopped = false;
  // What was before is not known: a link may have lasted for weeks.
  const begunAt = powers.epoch();

  /** Whether it is worth the trouble to have a link to it. */
  const isWanted = (peer: Peer): boolean =>
    peer.onEstablished.length > 0 ||
    (!isStranger(peer) &&
      (peer.queue.size() > 0 || book.isAcquainted(peer.id)));

  /** It told its addresses itself: nobody here has a reason to go there. */
  const isStranger = ({ id }: Peer): boolean =>
    book.row(id).standing === 'stranger' && !book.isKept(id);

  function reach(peer: Peer): void {
    const begun = started();
    if (
      stopped ||
      begun === undefined ||
      !book.isKnown(peer.id) ||
      book.isEnding(peer.id) ||
      peer.line !== undefined ||
      peer.isConnecting ||
      peer.cancelRetry !== undefined
    ) {
      return;
    }
    const { cut, hints, peerId } = book.row(peer.id);
    if (cut !== null || hints.length === 0 || !isWanted(peer)) {
      return;
    }
    peer.isConnecting = true;
    void begun
      .then(async () => transport.connect(peerId, hints))
      .then(
        () => {
          peer.isConnecting = false;
          if (peer.line === undefined) {
            // A link that is never established counts as an attempt, too.
            peer.failures += 1;
            reachIn(peer, INTRODUCTION_MS);
          }
        },
        (error: unknown) => {
          peer.isConnecting = false;
          onUnreachable(peer, messageOf(error));
        },
      );
  }

  const onUnreachable = (peer: Peer, problem: string): void => {
    if (stopped || !book.isKnown(peer.id)) {
      return;
    }
    peer.problem = problem;
    peer.failures += 1;
    const { seenAt, peerId } = book.row(peer.id);
    const gone = powers.epoch() - Math.max(seenAt, begunAt);
    if (gone > powers.limits.remoteGoneMs && isWanted(peer)) {
      const hours = Math.floor(gone / 3_600_000);
      startAnew(peer.id, `it was not reached for ${hours} h: ${problem}`);
      book.set(peer.id, { seenAt: powers.epoch() });
    }
    powers.logger.debug(`another kernel is not reached: ${problem}`, {
      peerId,
      failures: peer.failures,
    });
    reachLater(peer);
  };

  /** Whoever opened it opens the next one; if both did, one of the two would be for nothing. */
  const onLost: Reach['onLost'] = (peer, opener) => {
    peer.cancelRetry?.();
    peer.cancelRetry = undefined;
    if (opener === 'us') {
      reachLater(peer);
    } else {
      reachIn(peer, YIELD_MS);
    }
  };

  /** The first time at once. */
  function reachLater(peer: Peer): void {
    if (peer.failures === 0) {
      reach(peer);
      return;
    }
    reachIn(peer, pauseAfter(peer.failures));
  }

  function reachIn(peer: Peer, ms: number): void {
    peer.cancelRetry ??= powers.after(ms, () => {
      peer.cancelRetry = undefined;
      reach(peer);
    });
  }

  /** With jitter, so that many who lost the same relay do not come back at once. */
  const pauseAfter = (failures: number): number => {
    const full =
      failures > PATIENT_AFTER
        ? PATIENT_PAUSE_MS
        : Math.min(
            LONGEST_PAUSE_MS,
            FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10),
          );
    return full * (0.5 + Number.parseInt(powers.randomHex(2), 16) / 2 ** 17);
  };

  const retryNow = (peer: Peer): void => {
    peer.cancelRetry?.();
    peer.cancelRetry = undefined;
    peer.failures = 0;
    reach(peer);
  };

  const established = async (peer: Peer): Promise<void> => {
    if (peer.line !== undefined) {
      return;
    }
    const ms = powers.limits.remoteConnectMs;
    const { hints, peerId: wanted } = book.row(peer.id);
    if (hints.length === 0) {
      throw fail('PEER_UNREACHABLE', {
        peer: wanted,
        problem: 'nobody has told an address of it',
      });
    }
    await new Promise<void>((resolve, reject) => {
      const cancel = powers.after(ms, () => {
        peer.onEstablished.splice(peer.onEstablished.indexOf(done), 1);
        const problem = peer.problem ?? `it did not answer in ${ms / 1000} s`;
        reject(fail('PEER_UNREACHABLE', { peer: wanted, problem }));
      });
      const done = (): void => {
        cancel();
        resolve();
      };
      peer.onEstablished.push(done);
      retryNow(peer);
    });
  };

  return harden({
    reach,
    onLost,
    retryNow,
    established,
    stop: () => {
      stopped = true;
    },
  });
};
