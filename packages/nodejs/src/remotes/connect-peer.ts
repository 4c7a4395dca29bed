/** Opens a link to a peer that is known by its id and by where it might be. */
import type { LimitValues } from '@ocap/kernel-utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import { dialPeer } from './dial-peer.ts';
import type { Components, Connection, Stream } from './libp2p-types.ts';
import { PROTOCOL, type Node } from './make-node.ts';
import { parsePeerAddresses } from './peer-addresses.ts';
import { problemOf } from './problem-of.ts';

/** The part of the time that is spent on a connection which may be dead. */
const EXISTING_SHARE = 1 / 3;

type Terms = Readonly<{
  node: Node;
  transportManager: Components['transportManager'];
  limits: Pick<LimitValues, 'remoteConnectMs' | 'remoteLinksPerPeer'>;
  /** Ends all attempts. */
  signal: AbortSignal;
  onStream(stream: Stream, connection: Connection): void;
}>;

/** As in `PeerTransport`. */
export const makeConnect = ({
  node,
  transportManager,
  limits: { remoteConnectMs: connectMs, remoteLinksPerPeer },
  signal,
  onStream,
}: Terms) => {
  const dial = async (
    address: Multiaddr,
    until: AbortSignal,
  ): Promise<Connection> => transportManager.dial(address, { signal: until });

  const streamOn = async (
    connection: Connection,
    until: AbortSignal,
  ): Promise<Stream> =>
    connection.newStream(PROTOCOL, {
      signal: until,
      runOnLimitedConnection: true,
      maxOutboundStreams: 2 * remoteLinksPerPeer,
    });

  /** On a connection that is there already, if it will do. */
  const openOnExisting = async (peerId: string): Promise<boolean> => {
    const existing = node
      .getConnections()
      .find(
        ({ remotePeer, status, direct }) =>
          direct && status === 'open' && remotePeer.toString() === peerId,
      );
    if (existing === undefined) {
      return false;
    }
    const soon = AbortSignal.timeout(Math.ceil(connectMs * EXISTING_SHARE));
    try {
      const until = AbortSignal.any([signal, soon]);
      onStream(await streamOn(existing, until), existing);
      return true;
    } catch (error) {
      if (existing.streams.some(({ protocol }) => protocol === PROTOCOL)) {
        throw error;
      }
      // It may be broken and not know it yet.
      existing.abort(Error(`no link could be opened: ${problemOf(error)}`));
      return false;
    }
  };

  return async (peerId: string, texts: readonly string[]): Promise<void> => {
    if (peerId === node.peerId.toString()) {
      throw Error('this is the peer id of this daemon itself');
    }
    const addresses = parsePeerAddresses(peerId, texts);
    const until = AbortSignal.any([signal, AbortSignal.timeout(connectMs)]);
    if (await openOnExisting(peerId)) {
      return;
    }
    const connection = await dialPeer(addresses, {
      dial,
      connectMs,
      signal: until,
    });
    if (connection.remotePeer.toString() !== peerId) {
      connection.abort(Error('it is another peer'));
      throw Error('another peer answered');
    }
    onStream(await streamOn(connection, until), connection);
  };
};
