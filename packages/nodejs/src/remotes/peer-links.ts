/** All links, those that this daemon opens and those that others open. */
import type { PeerLink } from '@ocap/kernel';
import type { LimitValues } from '@ocap/kernel-utils';
import type { Connection, Stream } from './libp2p-types.ts';
import { openPeerLink, type LinkTerms } from './peer-link.ts';
import { makeUnfinishedFrames } from './unfinished-frames.ts';

type Limits = Pick<
  LimitValues,
  | 'remoteFrameBytes'
  | 'remoteLinksPerPeer'
  | 'remoteUnfinishedBytes'
  | 'remoteUnsentBytes'
>;

type PeerLinks = Readonly<{
  /** The kernel is told of the link before this returns. @throws what it throws */
  open(
    stream: Stream,
    connection: Connection,
    opener: PeerLink['opener'],
  ): void;
  /** Closes them all; none is opened any more. */
  close(reason: string): void;
}>;

export const makePeerLinks = ({
  limits,
  logger,
  onLink,
}: Pick<LinkTerms, 'logger' | 'onLink'> &
  Readonly<{ limits: Limits }>): PeerLinks => {
  /** Oldest first. */
  const links = new Set<PeerLink>();
  const unfinished = makeUnfinishedFrames(limits.remoteUnfinishedBytes);
  let closed: string | undefined;

  const makeRoom = (peerId: string): void => {
    const ofPeer = [...links].filter((link) => link.peerId === peerId);
    const surplus = ofPeer.length + 1 - limits.remoteLinksPerPeer;
    for (const link of ofPeer.slice(0, Math.max(surplus, 0))) {
      link.close('the peer has newer links');
    }
  };

  const terms: LinkTerms = {
    limits,
    logger,
    unfinished,
    onLink: (link) => {
      links.add(link);
      return onLink(link);
    },
    onEnd: (link) => links.delete(link),
  };

  return {
    open: (stream, connection, opener) => {
      if (closed !== undefined) {
        stream.abort(Error(closed));
        throw Error(closed);
      }
      makeRoom(connection.remotePeer.toString());
      openPeerLink(stream, connection, opener, terms);
    },
    close: (reason) => {
      closed = reason;
      for (const link of links) {
        link.close(reason);
      }
    },
  };
};
