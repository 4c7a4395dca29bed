/**
 * The frames for one other kernel that it has not acknowledged, and which of
 * them may be sent: only what is on disk, and no more at a time than it can be
 * expected to hold.
 */
import harden from '@endo/harden';
import type { RemoteId } from '@ocap/kernel-utils';
import type { KernelStore } from '../store/kernel-store.ts';
import type { FramesOut } from './remote-frames-out.ts';

/** Frames without an acknowledgement beyond which no further one is made; what waits stays in the inbox. */
export const WINDOW_FRAMES = 256;
/** The same in characters. */
export const WINDOW_CHARS = 8 * 1024 * 1024;

export type RemoteQueue = Readonly<{
  /** Makes one frame of what waits, within the window; whether it did. Before a commit. */
  fillOne(): boolean;
  /** Everything made so far is on disk. */
  onCommitted(): void;
  /** The number and text of the next one to send after `seq`; undefined if there is none. */
  after(seq: number): Readonly<{ seq: number; text: string }> | undefined;
  /** The last one that was made. */
  made(): number;
  /** The last one that may have been sent. */
  committed(): number;
  acknowledge(upTo: number): void;
  /** The last one that has been acknowledged: none up to it can be sent again. */
  acknowledged(): number;
  size(): number;
  /** The exchange has begun anew. */
  reset(): void;
}>;

export const makeRemoteQueue = (
  store: KernelStore,
  id: RemoteId,
  out: FramesOut,
  earlier: readonly number[],
): RemoteQueue => {
  let frames = earlier.map((seq) => ({ seq, chars: 0 }));
  let chars = 0;
  const lastMade = (): number => store.remotes.get(id)?.sent ?? 0;
  let committed = lastMade();
  /** What it would be sent is being forgotten. */
  const isEnding = (): boolean =>
    (store.remotes.get(id)?.ending ?? null) !== null;

  return harden({
    fillOne: () => {
      const isDue = store.inbox.size(id) > 0 || store.gcActions.size(id) > 0;
      if (
        !isDue ||
        isEnding() ||
        frames.length >= WINDOW_FRAMES ||
        chars >= WINDOW_CHARS
      ) {
        return false;
      }
      const made = out.make(id);
      if (made === undefined) {
        return false;
      }
      frames.push(made);
      chars += made.chars;
      return true;
    },
    onCommitted: () => {
      committed = lastMade();
    },
    after: (seq: number) => {
      const next = seq + 1;
      const text =
        next > committed ? undefined : store.remoteOutbox.get(`${id} ${next}`);
      return text === undefined ? undefined : { seq: next, text };
    },
    made: lastMade,
    committed: () => committed,
    acknowledge: (upTo: number) => {
      let done = 0;
      for (const frame of frames) {
        if (frame.seq > upTo) {
          break;
        }
        store.remoteOutbox.delete(`${id} ${frame.seq}`);
        chars -= frame.chars;
        done += 1;
      }
      frames = frames.slice(done);
    },
    acknowledged: () => lastMade() - frames.length,
    size: () => frames.length,
    reset: () => {
      frames = [];
      chars = 0;
      committed = 0;
    },
  });
};
