/**
 * Data frames of another kernel between their arrival and their turn. One that
 * has sent more than is worked off has to wait, and nobody else with it.
 */
import harden from '@endo/harden';
import type { RemoteId } from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { countNames, PeerViolation, type DataFrame } from './frames.ts';
import type { RemoteBook } from './remote-book.ts';
import type { FramesIn } from './remote-frames-in.ts';
import type { HeldFrame, Peer } from './remote-line.ts';
import { WINDOW_CHARS, WINDOW_FRAMES } from './remote-queue.ts';

/** Frames of another kernel after which it is told at once that they are here, and not just with the next commit. */
const ACK_AFTER = WINDOW_FRAMES / 8;

/** Names in frames of one peer after which others are heard before its next frame. */
const NAMES_AT_ONCE = 400;

/**
 * A frame with more names is so large that its sender has to rest after it: so
 * many ms for each name, or so many times what it took, if that is more.
 */
const LARGE_NAMES = 500;
const REST_MS = 1 / 20;
const REST_TIMES = 3;

export type Incoming = Readonly<{
  /** @throws PeerViolation */
  take(from: Peer, next: HeldFrame): void;
  /** Applies what may be applied by now. @throws PeerViolation */
  workOff(from: Peer): void;
}>;

export const makeIncoming = (
  { store, outbox, powers }: Pick<KernelContext, 'store' | 'outbox' | 'powers'>,
  book: RemoteBook,
  framesIn: FramesIn,
): Incoming => {
  const workOff = (from: Peer): void => {
    while (from.held.length > 0 && !isTooMuch(from.id)) {
      if (from.cancelRest !== undefined) {
        return;
      }
      if (from.appliedNames > NAMES_AT_ONCE) {
        outbox.push(() => undefined); // it goes on after that commit
        return;
      }
      const next = from.held.shift();
      if (next !== undefined) {
        const names = countNames(next.frame.ops);
        from.appliedNames += names;
        const begun = powers.now();
        apply(from, next.frame);
        if (names > LARGE_NAMES) {
          const took = powers.now() - begun;
          rest(from, Math.max(names * REST_MS, took * REST_TIMES));
        }
      }
    }
  };

  /** Others may need several turns until they are answered. */
  const rest = (from: Peer, ms: number): void => {
    from.cancelRest = powers.after(ms, () => {
      from.cancelRest = undefined;
      outbox.push(() => undefined); // it goes on after that commit
    });
  };

  /**
   * Whether so much of what it sent waits that it has to wait itself: what vats
   * here are working off. What else it waits for may be in what it would say.
   */
  const isTooMuch = (id: RemoteId): boolean => {
    const { waitingMessages, waitingBytes } = powers.limits;
    const [all, parked] = [store.waiting(id), store.parked(id)];
    return (
      all.messages - parked.messages >= waitingMessages ||
      all.chars - parked.chars >= waitingBytes
    );
  };

  const apply = (from: Peer, frame: DataFrame): void => {
    const { received } = book.row(from.id);
    from.unacknowledged += 1;
    // Nobody waits for it but the other side's window, and its pace.
    if (from.unacknowledged > ACK_AFTER || from.line?.link.isRelayed === true) {
      outbox.push(() => undefined);
    } else {
      outbox.touch();
    }
    if (frame.seq <= received) {
      return; // it had not heard that we have it
    }
    if (frame.seq !== received + 1) {
      throw new PeerViolation('a frame is missing');
    }
    if (frame.seen > from.queue.committed()) {
      throw new PeerViolation('it has seen what was never sent');
    }
    framesIn.apply(from.id, frame);
  };

  /** One frame may go beyond the window. */
  const maxChars = WINDOW_CHARS + powers.limits.remoteFrameBytes;
  const charsOf = ({ held }: Peer): number =>
    held.reduce((sum, { chars }) => sum + chars, 0);

  return harden({
    take: (from: Peer, next: HeldFrame) => {
      from.held.push(next);
      if (from.held.length > 2 * WINDOW_FRAMES || charsOf(from) > maxChars) {
        throw new PeerViolation('it sends more than is acknowledged');
      }
      workOff(from);
    },
    workOff,
  });
};
