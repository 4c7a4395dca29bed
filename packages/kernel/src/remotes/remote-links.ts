/**
 * The exchange of frames with other kernels over links that come and go. A
 * frame leaves after the commit that made it, is sent again over every new link
 * until it is acknowledged, and is acknowledged after the commit that applied
 * it; so it counts once, in order, whichever side dies in between.
 */
import harden from '@endo/harden';
import { messageOf, OcapError, type RemoteId } from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { parseRemoteFrame, PeerViolation } from './frames.ts';
import { makeLinePace } from './line-pace.ts';
import type { PeerLink, PeerLinkHandlers } from './peer-transport.ts';
import type { RemoteBook } from './remote-book.ts';
import type { FramesIn } from './remote-frames-in.ts';
import type { FramesOut } from './remote-frames-out.ts';
import { makeGreeting } from './remote-greeting.ts';
import { makeIncoming } from './remote-incoming.ts';
import { makePeer, type Line, type Peer } from './remote-line.ts';
import { makeRemoteQueue } from './remote-queue.ts';

/** Bytes in this process's own buffers beyond which nothing more is sent for now. */
const UNSENT_BYTES = 2 * 1024 * 1024;
const UNSENT_PAUSE_MS = 10;
/** Frames made before one commit, for all peers together: nobody is heard meanwhile. */
const FRAMES_AT_ONCE = 8;
/**
 * Frames of one peer that are made before they can be sent. What waits longer
 * waits in the inbox, and goes out in few frames that are full.
 */
const FRAMES_AHEAD = 8;

export type RemoteLinks = Readonly<{
  /** Makes the frames that are due. Before each commit. */
  fill(): void;
  /** Sends what is on disk by now. After each commit. */
  onCommitted(): void;
  onLink(link: PeerLink): PeerLinkHandlers;
  peer(id: RemoteId): Peer;
  /** Whatever was between the two has ended. */
  startAnew(id: RemoteId, reason: string): void;
  /** Its row is gone. */
  onForgotten(id: RemoteId, reason: string): void;
  stop(): void;
}>;

export const makeRemoteLinks = (
  context: Pick<KernelContext, 'store' | 'outbox' | 'powers' | 'events'>,
  book: RemoteBook,
  frames: Readonly<{ out: FramesOut; in: FramesIn }>,
  on: Readonly<{
    /** It has something to send, and no link. */
    lineWanted: (peer: Peer) => void;
    /** It has no link any more, or the new one has come to nothing. */
    lineLost: (peer: Peer, opener: PeerLink['opener']) => void;
  }>,
): RemoteLinks => {
  const { store, outbox, powers } = context;
  const peers = new Map<RemoteId, Peer>();
  const lines = new Set<Line>();
  let isStopped = false;
  const earlier = Map.groupBy(store.scan().remoteOutbox(), (f) => f.remote);

  const peer = (id: RemoteId): Peer => {
    const known = peers.get(id);
    if (known !== undefined) {
      return known;
    }
    const seqs = (earlier.get(id) ?? []).map(({ seq }) => seq);
    earlier.delete(id);
    const made = makePeer(id, makeRemoteQueue(store, id, frames.out, seqs));
    peers.set(id, made);
    return made;
  };

  const greeting = makeGreeting(context, book, peer, (to) => sendFrames(to));
  const incoming = makeIncoming(context, book, frames.in);
  const { say, close, isIntroduced, cutOff } = greeting;

  const sendFrames = (to: Peer): void => {
    const { line, queue } = to;
    if (line === undefined) {
      if (queue.size() > 0) {
        on.lineWanted(to);
      }
      return;
    }
    if (line.isClosing || !isIntroduced(line, to.id)) {
      return; // by then, or on the next one, it is called again
    }
    // What was acknowledged on a link that was not kept beside this one cannot be
    // sent any more.
    line.sentUpTo = Math.max(line.sentUpTo, queue.acknowledged());
    for (;;) {
      const next = queue.after(line.sentUpTo);
      if (next === undefined || !line.pace.allows()) {
        return;
      }
      if (line.link.unsentBytes() > UNSENT_BYTES) {
        sendLater(to);
        return;
      }
      line.sentUpTo = next.seq;
      line.pace.onSent(next.seq, next.text.length);
      line.link.send(next.text);
    }
  };

  /** However often it is asked for meanwhile. */
  const sendLater = (to: Peer): void => {
    to.cancelSending ??= powers.after(UNSENT_PAUSE_MS, () => {
      to.cancelSending = undefined;
      sendFrames(to);
    });
  };

  const onFrame = (line: Line, text: string): void => {
    if (line.isClosing) {
      return;
    }
    const isFirst = line.establishedAt === undefined;
    const frame = parseRemoteFrame(text, { isFirst });
    if (frame.type === 'hello') {
      greeting.onHello(line, frame);
      return;
    }
    if (frame.type === 'refused') {
      powers.logger.warn(`another kernel refuses us: ${frame.reason}`, {
        peerId: line.link.peerId,
      });
      close(line, `it refuses us: ${frame.reason}`);
      return;
    }
    const id = book.find(line.link.peerId);
    const to = id === undefined ? undefined : peer(id);
    if (to === undefined || line.establishedAt === undefined) {
      throw new PeerViolation('it did not introduce itself');
    }
    if (to.line !== line) {
      return; // of a link that another has replaced: it comes again there
    }
    if (frame.type === 'ack') {
      if (frame.received > to.queue.committed()) {
        throw new PeerViolation('it acknowledges what was never sent');
      }
      to.queue.acknowledge(frame.received);
      line.pace.onAcknowledged(frame.received);
      sendFrames(to);
      outbox.touch();
      if (store.inbox.size(to.id) > 0) {
        outbox.push(() => undefined);
      }
      return;
    }
    incoming.take(to, { frame, chars: text.length });
  };

  /** What a peer says never does harm to anybody else. */
  const guarded = (line: Line, act: () => void): void => {
    try {
      act();
    } catch (error) {
      if (error instanceof PeerViolation) {
        cutOff(line, error.message);
      } else if (error instanceof OcapError) {
        greeting.refuse(line, error.message);
      } else {
        powers.logger.error('A frame of another kernel met a fault.', {
          err: error,
        });
        close(line, `it met a fault: ${messageOf(error)}`);
      }
    }
  };

  const onClosed = (line: Line, reason: string): void => {
    line.isClosed = true;
    lines.delete(line);
    if (isStopped) {
      return;
    }
    const { peerId } = line.link;
    powers.logger.info(`a link to another kernel has ended: ${reason}`, {
      peerId,
    });
    const id = book.find(peerId);
    const from = id === undefined ? undefined : peer(id);
    if (from?.line === line) {
      book.set(from.id, { seenAt: powers.epoch() });
      outbox.touch();
      from.line = undefined;
      from.lastPace = line.pace;
    }
    if (from !== undefined && from.line === undefined) {
      from.problem = reason;
      on.lineLost(from, line.link.opener);
    }
  };

  let lastServed: RemoteId | undefined;

  const isReady = ({ line, queue }: Peer): boolean =>
    line === undefined
      ? queue.size() === 0
      : queue.made() - line.sentUpTo < FRAMES_AHEAD;

  /** One frame for each in turn, beginning after whoever had the last one. */
  const fill = (): void => {
    const ids = [...book.ids()];
    const after = lastServed === undefined ? 0 : ids.indexOf(lastServed) + 1;
    let due = [...ids.slice(after), ...ids.slice(0, after)];
    let left = FRAMES_AT_ONCE;
    while (left > 0 && due.length > 0) {
      due = due.filter((id) => {
        const to = peer(id);
        const isMade = left > 0 && isReady(to) && to.queue.fillOne();
        if (isMade) {
          left -= 1;
          lastServed = id;
        }
        return isMade;
      });
    }
    if (left === 0) {
      outbox.push(() => undefined); // there may be more, for the next commit
    }
  };

  return harden({
    fill,
    onCommitted: () => {
      for (const to of peers.values()) {
        to.queue.onCommitted();
        const { line } = to;
        if (
          to.unacknowledged > 0 &&
          line !== undefined &&
          isIntroduced(line, to.id)
        ) {
          to.unacknowledged = 0;
          const { received } = book.row(to.id);
          say(line, { type: 'ack', received });
        }
        sendFrames(to);
        to.appliedNames = 0;
        if (to.held.length > 0 && line !== undefined) {
          guarded(line, () => incoming.workOff(to));
        }
      }
    },
    onLink: (link: PeerLink) => {
      const line: Line = {
        link,
        establishedAt: undefined,
        said: undefined,
        hellos: 0,
        isClosing: isStopped,
        isClosed: isStopped,
        sentUpTo: 0,
        pace: makeLinePace(link),
      };
      lines.add(line);
      powers.after(powers.limits.remoteHandshakeMs, () => {
        if (line.establishedAt === undefined && !line.isClosed) {
          close(line, 'the other side did not introduce itself');
        }
      });
      if (link.opener === 'us' && !isStopped) {
        guarded(line, () => greeting.introduce(line, book.meet(link.peerId)));
      }
      return harden({
        onFrame: (text: string) => guarded(line, () => onFrame(line, text)),
        onClosed: (reason: string) => onClosed(line, reason),
      });
    },
    peer,
    startAnew: greeting.startAnew,
    onForgotten: (id: RemoteId, reason: string) => {
      const known = peers.get(id);
      peers.delete(id);
      known?.cancelRetry?.();
      known?.cancelSending?.();
      known?.cancelRest?.();
      if (known?.line !== undefined) {
        close(known.line, reason);
      }
    },
    stop: () => {
      isStopped = true;
      for (const line of lines) {
        line.isClosing = true; // what comes now is for the next daemon
        line.isClosed = true;
      }
      for (const one of peers.values()) {
        one.cancelRetry?.();
        one.cancelSending?.();
        one.cancelRest?.();
      }
    },
  });
};
