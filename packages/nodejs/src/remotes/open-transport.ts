/**
 * The transport between daemons once it is wanted: loads libp2p, and so is
 * imported only then.
 */
import type { Multiaddr } from '@multiformats/multiaddr';
import type { RemoteCommsOptions } from '@ocap/kernel';
import { messageOf, type LimitValues, type Logger } from '@ocap/kernel-utils';
import { makeConnect } from './connect-peer.ts';
import { makeFrontDoor } from './front-door.ts';
import { makeHousekeeping } from './housekeeping.ts';
import { makeNode, PROTOCOL } from './make-node.ts';
import { parseListenAddress, parseRelayAddress } from './peer-addresses.ts';
import type { LinkTerms } from './peer-link.ts';
import { makePeerLinks } from './peer-links.ts';
import { problemOf } from './problem-of.ts';
import { makePulses } from './pulses.ts';
import { keepRelays } from './relay-keeper.ts';
import { SIGNS_OF_LIFE } from './yamux-guard.ts';

type TransportTerms = Readonly<{
  seed: Uint8Array;
  limits: LimitValues;
  logger: Logger;
  options: RemoteCommsOptions;
  onLink: LinkTerms['onLink'];
  /** See `PeerTransport`. */
  onChange(): void;
}>;

export type OpenTransport = Readonly<{
  addresses(): readonly string[];
  connect(peerId: string, addresses: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}>;

const STOPPED = 'this daemon has stopped talking to others';

/** Rejects with a reason for people; nothing is left open then. */
export const openTransport = async ({
  seed,
  limits,
  logger,
  options,
  onLink,
  onChange,
}: TransportTerms): Promise<OpenTransport> => {
  const listen = (options.listen ?? []).map(parseListenAddress);
  const relays = (options.relays ?? []).map(parseRelayAddress);
  const door = makeFrontDoor(limits);
  // One tick less, because the last sign of life may be just after one.
  const pulses = makePulses(SIGNS_OF_LIFE - 1, limits.remoteSilenceMs);
  const made = await makeNode({ seed, limits, door, pulses });
  const { node, reservationStore } = made;
  const links = makePeerLinks({ limits, logger, onLink });

  await node.handle(
    PROTOCOL,
    (stream, connection) => links.open(stream, connection, 'them'),
    {
      maxInboundStreams: 2 * limits.remoteLinksPerPeer,
      runOnLimitedConnection: true,
    },
  );
  await listenAt(listen, made);

  const withoutSelf = `/p2p/${node.peerId.toString()}`;
  const addresses = (): readonly string[] => [
    ...node
      .getMultiaddrs()
      .map((own) => own.decapsulate(withoutSelf).toString()),
    ...keeper.addresses(),
  ];
  const noteAddresses = makeNote(() => addresses().join(), onChange);
  const keeper = keepRelays(relays, {
    store: reservationStore,
    logger,
    onChange: () => queueMicrotask(noteAddresses),
    dial: async (relay, signal) => node.dial(relay, { signal }),
    protocolsOf: async (connection, signal) =>
      (await node.services.identify.identify(connection, { signal })).protocols,
  });
  const keepHouse = makeHousekeeping({ node, limits, isRelay: keeper.isRelay });
  const ticking = setInterval(() => {
    pulses.tick();
    keepHouse();
    noteAddresses();
  }, limits.remoteSilenceMs / SIGNS_OF_LIFE).unref();

  const stopping = new AbortController();
  return {
    addresses,
    connect: makeConnect({
      node,
      transportManager: made.components.transportManager,
      limits,
      signal: stopping.signal,
      onStream: (stream, connection) => links.open(stream, connection, 'us'),
    }),
    stop: async () => {
      stopping.abort(Error(STOPPED));
      clearInterval(ticking);
      links.close(STOPPED);
      await keeper.stop();
      door.close();
      await node.stop();
    },
  };
};

/** Starts the node, and listens at all of these or not at all. */
const listenAt = async (
  addresses: readonly Multiaddr[],
  {
    node,
    components: { transportManager },
    hasQuic,
  }: Awaited<ReturnType<typeof makeNode>>,
): Promise<void> => {
  await node.start();
  for (const address of addresses) {
    const text = address.toString();
    try {
      if (!hasQuic && text.endsWith('/quic-v1')) {
        throw Error('QUIC is not to be had on this machine');
      }
      await transportManager.listen([address]);
    } catch (error) {
      await node.stop();
      throw Error(`it cannot listen at ${text}: ${reasonIn(error, text)}`, {
        cause: error,
      });
    }
  }
};

/** libp2p writes an essay; what the operating system said is behind the address. */
const reasonIn = (error: unknown, address: string): string => {
  const start = `${address}: `;
  const line = messageOf(error)
    .split('\n')
    .map((text) => text.trim())
    .find((text) => text.startsWith(start));
  return line?.slice(start.length).replace(/^Error: /u, '') ?? problemOf(error);
};

/** Calls `onChange` whenever the text is not what it was before. */
const makeNote = (read: () => string, onChange: () => void): (() => void) => {
  let known = '';
  return () => {
    const now = read();
    if (now !== known) {
      known = now;
      onChange();
    }
  };
};
