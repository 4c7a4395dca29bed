/**
 * Sends frames down a stream that takes only so much at a time. What the stream
 * has no room for waits here and not in the layers below, where nobody could
 * tell how much it is; frames of one turn go out together.
 */
import { encodeFrame } from './frame-decoder.ts';
import type { Stream } from './libp2p-types.ts';

/** As much as one encrypted message of libp2p holds. */
const CHUNK_BYTES = 64 * 1024;

const SENT = new Uint8Array(0);

type Outlet = Pick<
  Stream,
  'abort' | 'close' | 'send' | 'writableNeedsDrain' | 'writeBufferLength'
> &
  Readonly<{ addEventListener(type: 'drain', listener: () => void): void }>;

export type FrameSender = Readonly<{
  send(frame: string): void;
  /** Bytes that are still in this process. */
  unsentBytes(): number;
  /** Takes no more; what is waiting goes out if the peer reads it in time. Then the stream ends, one way or the other. */
  finish(withinMs: number): void;
}>;

export const makeFrameSender = (stream: Outlet): FrameSender => {
  let waiting: Uint8Array[] = [];
  /** The first one that is not sent whole, and what of it is sent. */
  let first = 0;
  let offset = 0;
  let waitingBytes = 0;
  let isScheduled = false;
  let isFinishing = false;

  const nextChunk = (): Uint8Array => {
    const parts: Uint8Array[] = [];
    let room = CHUNK_BYTES;
    for (
      let frame = waiting[first];
      frame !== undefined && room > 0;
      frame = waiting[first]
    ) {
      const part = frame.subarray(offset, offset + room);
      parts.push(part);
      room -= part.length;
      offset += part.length;
      if (offset === frame.length) {
        waiting[first] = SENT;
        first += 1;
        offset = 0;
      }
    }
    // Not at once for each frame: taking from the front of a long list is slow.
    if (first > 1024 || first === waiting.length) {
      waiting = waiting.slice(first);
      first = 0;
    }
    waitingBytes -= CHUNK_BYTES - room;
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  };

  const drop = (): void => {
    waiting = [];
    first = 0;
    offset = 0;
    waitingBytes = 0;
  };

  const pump = (): void => {
    isScheduled = false;
    try {
      while (waitingBytes > 0 && !stream.writableNeedsDrain) {
        stream.send(nextChunk());
      }
    } catch {
      // The stream is closed, of which the link is told by the stream itself.
      drop();
    }
    if (isFinishing && waitingBytes === 0) {
      stream.close().catch(() => undefined);
    }
  };

  const schedule = (): void => {
    if (!isScheduled) {
      isScheduled = true;
      queueMicrotask(pump);
    }
  };

  stream.addEventListener('drain', schedule);

  return {
    send: (frame) => {
      const bytes = encodeFrame(frame);
      waiting.push(bytes);
      waitingBytes += bytes.length;
      schedule();
    },
    unsentBytes: () => waitingBytes + stream.writeBufferLength,
    finish: (withinMs) => {
      isFinishing = true;
      schedule();
      setTimeout(() => {
        drop();
        stream.abort(Error('the link was closed'));
      }, withinMs).unref();
    },
  };
};
