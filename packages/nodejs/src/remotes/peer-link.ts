/**
 * A link: frames over one stream of libp2p, until either side ends it or what
 * carries it breaks.
 */
import type { PeerLink, PeerLinkHandlers } from '@ocap/kernel';
import { messageOf, type LimitValues, type Logger } from '@ocap/kernel-utils';
import { makeFrameDecoder } from './frame-decoder.ts';
import { makeFrameSender } from './frame-sender.ts';
import type { Connection, Stream } from './libp2p-types.ts';
import { problemOf } from './problem-of.ts';
import type { UnfinishedFrames } from './unfinished-frames.ts';

/** So long a peer may read on what was sent before the link was closed. */
const CLOSING_MS = 1000;

export type LinkTerms = Readonly<{
  limits: Pick<LimitValues, 'remoteFrameBytes' | 'remoteUnsentBytes'>;
  unfinished: UnfinishedFrames;
  logger: Logger;
  onLink(link: PeerLink): PeerLinkHandlers;
  /** Once, before the kernel is told. */
  onEnd(link: PeerLink): void;
}>;

/** @throws whatever `onLink` throws; the stream is ended then. */
export const openPeerLink = (
  stream: Stream,
  connection: Pick<Connection, 'direct' | 'limits' | 'remotePeer'>,
  opener: PeerLink['opener'],
  { limits, unfinished, logger, onLink, onEnd }: LinkTerms,
): PeerLink => {
  const { remoteFrameBytes: maxFrameBytes, remoteUnsentBytes: maxUnsentBytes } =
    limits;
  const decoder = makeFrameDecoder({ maxFrameBytes });
  const sender = makeFrameSender(stream);
  const peerId = connection.remotePeer.toString();
  let isOpen = true;
  let handlers: PeerLinkHandlers | undefined;

  const end = (reason: string): void => {
    if (!isOpen) {
      return;
    }
    isOpen = false;
    unfinished.release(link);
    onEnd(link);
    logger.debug('a link has ended', { peerId, reason });
    // Not at once: whoever closes a link is in the middle of something.
    queueMicrotask(() => handlers?.onClosed(reason));
  };

  const cut = (reason: string): void => {
    end(reason);
    stream.abort(Error(reason));
  };

  const link: PeerLink = Object.freeze({
    peerId,
    opener,
    isRelayed: !connection.direct,
    send: (frame: string) => {
      if (!isOpen) {
        return;
      }
      // At most three bytes for a unit of UTF-16; counting is for the large ones.
      const isLarge = 3 * frame.length > maxFrameBytes;
      const bytes = isLarge ? Buffer.byteLength(frame) : 0;
      if (bytes > maxFrameBytes) {
        cut(
          `a frame of ${bytes} bytes cannot be sent: at most ${maxFrameBytes} can`,
        );
        return;
      }
      sender.send(frame);
      const unsent = sender.unsentBytes();
      if (unsent > maxUnsentBytes) {
        cut(`the peer does not read: ${unsent} bytes wait for it`);
      }
    },
    unsentBytes: () => (isOpen ? sender.unsentBytes() : 0),
    bytesLeft: () => {
      const left = connection.limits?.bytes;
      return left === undefined ? undefined : Number(left);
    },
    close: (reason: string) => {
      if (isOpen) {
        end(reason);
        sender.finish(CLOSING_MS);
      }
    },
  });

  const take = (bytes: Uint8Array): void => {
    const { frames, problem } = decoder.push(bytes);
    for (const frame of frames) {
      if (isOpen) {
        handlers?.onFrame(frame);
      }
    }
    if (problem !== undefined) {
      cut(`the peer sent ${problem}`);
    } else if (isOpen) {
      unfinished.hold(link, { heldBytes: decoder.heldBytes(), cut });
    }
  };

  try {
    handlers = onLink(link);
  } catch (error) {
    cut(messageOf(error));
    throw error;
  }

  stream.addEventListener('message', ({ data }) => {
    try {
      for (const part of data instanceof Uint8Array ? [data] : data) {
        take(part);
      }
    } catch (err) {
      logger.error('A frame of a peer could not be handled.', { peerId, err });
      cut('this daemon could not handle a frame');
    }
  });
  stream.addEventListener('end', () => {
    // If it did not end but break, `close` follows at once and says how.
    queueMicrotask(() => {
      const how = decoder.isWhole() ? '' : ' in the middle of a frame';
      end(`the peer ended it${how}`);
      sender.finish(CLOSING_MS);
    });
  });
  stream.addEventListener('close', ({ error }) => {
    const way = connection.direct ? '' : ' through the relay';
    end(error ? problemOf(error) : `the connection${way} was lost`);
  });
  return link;
};
