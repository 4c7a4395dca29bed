/**
 * How two kernels introduce themselves over a new link, and how one is shown
 * the door. Each side has a random name (its session) for what it knows of the
 * other; when one has forgotten, the names no longer fit, and both begin anew
 * instead of mixing up old and new references.
 */
import harden from '@endo/harden';
import { fail, type RemoteId } from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import {
  PeerViolation,
  PROTOCOL_VERSION,
  type Hello,
  type RemoteFrame,
} from './frames.ts';
import type { RemoteBook } from './remote-book.ts';
import { supersedes, type Line, type Peer } from './remote-line.ts';

/** On one link; one or two are usual. */
const MAX_HELLOS = 100;
const MINUTE_MS = 60_000;

export type Greeting = Readonly<{
  say(line: Line, frame: RemoteFrame): void;
  close(line: Line, reason: string): void;
  introduce(line: Line, id: RemoteId): void;
  /** Whether it knows on this line what we are to each other: only then frames may follow. */
  isIntroduced(line: Line, id: RemoteId): boolean;
  /** @throws PeerViolation, LIMIT_REACHED */
  onHello(line: Line, hello: Hello): void;
  refuse(line: Line, reason: string): void;
  /** It gets no further, until an operator says otherwise. */
  cutOff(line: Line, reason: string): void;
  /** Whatever was between the two has ended. */
  startAnew(id: RemoteId, reason: string, theirSession?: string | null): void;
}>;

export const makeGreeting = (
  {
    outbox,
    powers,
    events,
  }: Pick<KernelContext, 'outbox' | 'powers' | 'events'>,
  book: RemoteBook,
  peer: (id: RemoteId) => Peer,
  /** Both sides know each other; frames may be sent. */
  onIntroduced: (to: Peer) => void,
): Greeting => {
  const say = (line: Line, frame: RemoteFrame): void => {
    if (!line.isClosed) {
      line.link.send(JSON.stringify(frame));
    }
  };

  /** What still comes on it does not count. */
  const close = (line: Line, reason: string): void => {
    line.isClosing = true;
    line.link.close(reason);
  };

  /** Not before it is on disk that we have met, and what we have received. */
  const introduce = (line: Line, id: RemoteId): void =>
    outbox.push(() => {
      // Others may have come meanwhile, and it was forgotten for them. And what
      // is not said must not count as said: frames would follow.
      if (line.isClosing || !book.isKnown(id) || book.isEnding(id)) {
        return;
      }
      const { session, theirSession, received } = book.row(id);
      line.said = { session, yours: theirSession };
      say(line, {
        type: 'hello',
        version: PROTOCOL_VERSION,
        session,
        yours: theirSession,
        received,
        addresses: powers.peers.addresses(),
      });
    });

  const isIntroduced = (line: Line, id: RemoteId): boolean =>
    book.isKnown(id) && line.said?.session === book.row(id).session;

  const startAnew = (
    id: RemoteId,
    reason: string,
    theirSession: string | null = null,
  ): void => {
    powers.logger.warn(`another kernel is met anew: ${reason}`, {
      peerId: book.row(id).peerId,
    });
    const { queue, held, line } = peer(id);
    book.startAnew(id, reason, theirSession);
    queue.reset();
    held.length = 0;
    if (line !== undefined && book.isEnding(id)) {
      putOff(line);
    }
    outbox.touch();
  };

  /** It comes again, and so do we, when nothing is left of what was. */
  const putOff = (line: Line): void =>
    close(line, 'what was shared before is still being forgotten');

  const cutOff = (line: Line, reason: string): void => {
    const { peerId } = line.link;
    powers.logger.warn(`another kernel was cut off: ${reason}`, { peerId });
    say(line, { type: 'refused', reason });
    close(line, reason);
    const id = book.find(peerId);
    if (id !== undefined) {
      startAnew(id, `it was cut off: ${reason}`);
      book.set(id, { cut: reason });
      events.note('remote', 'cut off', { remote: id, peerId, reason });
    }
  };

  const onHello = (line: Line, hello: Hello): void => {
    const { peerId } = line.link;
    if (hello.version !== PROTOCOL_VERSION) {
      refuse(line, `version ${hello.version} of the protocol is not known`);
      return;
    }
    line.hellos += 1;
    if (line.hellos > MAX_HELLOS) {
      refuse(line, 'it introduces itself again and again');
      return;
    }
    const id = book.meet(peerId);
    const before = book.row(id);
    if (before.cut !== null) {
      refuse(line, before.cut);
      return;
    }
    if (book.isEnding(id)) {
      putOff(line);
      return;
    }
    if (hello.yours !== null && hello.yours !== before.session) {
      // It speaks of what we have forgotten; it will notice when we say who we are.
      introduce(line, id);
      return;
    }
    const isKnown = before.theirSession === hello.session;
    if (before.theirSession !== null && !isKnown) {
      insistSeldom(peer(id));
      startAnew(id, 'it has lost its state', hello.session);
      if (book.isEnding(id)) {
        putOff(line);
        return;
      }
    }
    const to = peer(id);
    if (hello.received > to.queue.committed()) {
      throw new PeerViolation('it acknowledges what was never sent');
    }
    book.learnHints(id, hello.addresses);
    book.set(id, { theirSession: hello.session, seenAt: powers.epoch() });
    if (line.said?.yours !== hello.session || !isIntroduced(line, id)) {
      introduce(line, id);
    }
    to.queue.acknowledge(hello.received);
    if (line.establishedAt === undefined) {
      // More may have been acknowledged on another link since this was said.
      line.sentUpTo = to.queue.acknowledged();
      establish(to, line);
      // After our own introduction.
      outbox.push(() => onIntroduced(to));
    }
  };

  /** It costs more than what it is told by. @throws LIMIT_REACHED */
  const insistSeldom = (from: Peer): void => {
    const now = powers.now();
    const max = powers.limits.remoteNewSessions;
    const recent = from.metAnew.filter((at) => now - at < MINUTE_MS);
    if (recent.length >= max) {
      throw fail('LIMIT_REACHED', {
        limit: 'remoteNewSessions',
        value: recent.length + 1,
        max,
        unit: 'new sessions a minute',
      });
    }
    from.metAnew = [...recent, now];
  };

  const refuse = (line: Line, reason: string): void => {
    powers.logger.warn(`another kernel is refused: ${reason}`, {
      peerId: line.link.peerId,
    });
    say(line, { type: 'refused', reason });
    close(line, reason);
  };

  const establish = (to: Peer, line: Line): void => {
    const now = powers.now();
    const { peerId: ownPeerId } = powers.identity();
    const old = to.line;
    if (old !== undefined && !supersedes(line, old, { ownPeerId, now })) {
      close(line, 'there is another link already');
      return;
    }
    to.line = line;
    line.establishedAt = now;
    // What had arrived, and could not be acknowledged there any more.
    to.lastPace?.onAcknowledged(line.sentUpTo);
    line.pace.begin(to.lastPace?.carried());
    to.failures = 0;
    to.problem = undefined;
    to.held.length = 0;
    if (old !== undefined) {
      close(old, 'there is a newer link');
    }
    to.onEstablished.splice(0).forEach((tell) => tell());
    events.note('remote', 'connected', {
      remote: to.id,
      peerId: line.link.peerId,
      relayed: line.link.isRelayed,
    });
  };

  return harden({
    say,
    close,
    introduce,
    isIntroduced,
    onHello,
    refuse,
    cutOff,
    startAnew,
  });
};
