/** What is put away now and then: connections that nobody uses, and what libp2p remembers of peers that are gone. */
import type { LimitValues } from '@ocap/kernel-utils';
import type { Connection, PeerId } from './libp2p-types.ts';
import { wantedProtocols, type Node } from './make-node.ts';

type Terms = Readonly<{
  node: Node;
  limits: Pick<LimitValues, 'remoteConnectionsPerPeer' | 'remoteUnusedMs'>;
  /** Connections to these are kept, too, and they are not forgotten. */
  isRelay(peerId: string): boolean;
}>;

/** Returns what is to be called regularly. */
export const makeHousekeeping = ({
  node,
  limits,
  isRelay,
}: Terms): (() => void) => {
  /** Since when, by `performance.now()`. */
  const unused = new WeakMap<Connection, number>();
  /** Peers without a connection, of which libp2p would know for ever. */
  const gone = new Map<string, PeerId>();

  node.addEventListener('connection:open', ({ detail: { remotePeer } }) => {
    const connections = node
      .getConnections(remotePeer)
      .filter(({ status }) => status === 'open')
      .toSorted((one, other) => one.timeline.open - other.timeline.open);
    const surplus = connections.length - limits.remoteConnectionsPerPeer;
    for (const connection of connections.slice(0, Math.max(surplus, 0))) {
      connection.abort(Error('the peer has opened newer connections'));
    }
  });
  node.addEventListener('peer:disconnect', ({ detail: peerId }) => {
    gone.set(peerId.toString(), peerId);
  });

  const closeUnused = (): void => {
    const now = performance.now();
    for (const connection of node.getConnections()) {
      const isUsed =
        isRelay(connection.remotePeer.toString()) ||
        connection.streams.some(({ protocol }) =>
          wantedProtocols.has(protocol),
        );
      const since = unused.get(connection);
      if (isUsed) {
        unused.delete(connection);
      } else if (since === undefined) {
        unused.set(connection, now);
      } else if (now - since > limits.remoteUnusedMs) {
        connection.abort(Error('nothing used the connection'));
      }
    }
  };

  const forgetGone = (): void => {
    for (const [text, peerId] of gone) {
      gone.delete(text);
      if (!isRelay(text) && node.getConnections(peerId).length === 0) {
        // It may be forgotten already.
        node.peerStore.delete(peerId).catch(() => undefined);
      }
    }
  };

  return () => {
    closeUnused();
    forgetGone();
  };
};
