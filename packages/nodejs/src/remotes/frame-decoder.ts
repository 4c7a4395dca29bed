/**
 * Frames of a link between daemons: the length as four bytes, big-endian, then
 * so many bytes of UTF-8. The other end is untrusted: a length is only a claim,
 * and memory is taken for what has come, not for what was announced.
 */
const HEADER_BYTES = 4;

// A link that once got a large frame should not hold on to that much memory.
const KEEP_BYTES = 64 * 1024;

export type DecodedFrames = Readonly<{
  /** Complete frames, in the order in which they came. */
  frames: readonly string[];
  /** Set once and for ever, as the end of "the peer sent …". */
  problem?: string;
}>;

export type FrameDecoder = Readonly<{
  /** The frames that these bytes complete. The bytes may be reused afterwards. */
  push(bytes: Uint8Array): DecodedFrames;
  /** Memory that is held for a frame that is not complete yet. */
  heldBytes(): number;
  /** Whether the stream would end between two frames if it ended now. */
  isWhole(): boolean;
}>;

/** The frame in one piece, length first. */
export const encodeFrame = (frame: string): Buffer => {
  const length = Buffer.byteLength(frame);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
  bytes.writeUInt32BE(length);
  bytes.write(frame, HEADER_BYTES);
  return bytes;
};

export const makeFrameDecoder = ({
  maxFrameBytes,
}: Readonly<{ maxFrameBytes: number }>): FrameDecoder => {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let headerBytes = 0;
  /** Of the frame that is being read, once its header is complete. */
  let length = 0;
  // Grows by doubling: linear time and at most twice what has come, however
  // small the chunks are; a list of them would cost a hundred times as much.
  let held = new Uint8Array(new ArrayBuffer(0));
  let used = 0;
  let problem: string | undefined;

  const hold = (bytes: Uint8Array): void => {
    const needed = used + bytes.length;
    if (needed > held.length) {
      const size = Math.min(Math.max(2 * held.length, needed, 1024), length);
      held = new Uint8Array(held.buffer.transfer(size));
    }
    held.set(bytes, used);
    used = needed;
  };

  const release = (): void => {
    headerBytes = 0;
    length = 0;
    used = 0;
    if (held.length > KEEP_BYTES || problem !== undefined) {
      held = new Uint8Array(held.buffer.transfer(0));
    }
  };

  /** Ends the frame whose last bytes these are. */
  const complete = (tail: Uint8Array, frames: string[]): void => {
    let frame = tail;
    if (used > 0) {
      hold(tail);
      frame = held.subarray(0, used);
    }
    try {
      frames.push(utf8.decode(frame));
    } catch {
      problem = 'a frame that is not UTF-8';
    }
    release();
  };

  const takeHeaderByte = (byte: number): void => {
    length = length * 256 + byte;
    headerBytes += 1;
    if (headerBytes === HEADER_BYTES && length > maxFrameBytes) {
      problem = `a frame of ${length} bytes, of at most ${maxFrameBytes}`;
      release();
    }
  };

  return {
    push: (bytes) => {
      const frames: string[] = [];
      let at = 0;
      while (problem === undefined) {
        if (headerBytes < HEADER_BYTES) {
          const byte = bytes[at];
          if (byte === undefined) {
            break;
          }
          takeHeaderByte(byte);
          at += 1;
          continue;
        }
        const missing = length - used;
        const part = bytes.subarray(at, at + missing);
        at += part.length;
        if (part.length === missing) {
          complete(part, frames);
        } else {
          hold(part);
          break;
        }
      }
      return problem === undefined ? { frames } : { frames, problem };
    },
    heldBytes: () => (used > 0 ? held.length : 0),
    isWhole: () => headerBytes === 0,
  };
};
