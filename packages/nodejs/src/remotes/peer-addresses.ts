/** Multiaddrs as users and peers write them, checked. All throw plain errors for people. */
import { CODE_P2P, multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { problemOf } from './problem-of.ts';

/** Of one peer, the first ones: it names them itself, and could name thousands. */
const MAX_ADDRESSES = 16;

const listenable =
  /^\/(?:ip4|ip6)\/[^/]+\/(?:tcp\/\d+(?:\/ws)?|udp\/\d+\/quic-v1)$/u;

export const parseListenAddress = (text: string): Multiaddr => {
  const address = parse(text);
  if (!listenable.test(address.toString())) {
    throw Error(
      `${text} is nothing to listen on: use /ip4/<address>/tcp/<port>, the same with /ws, or /ip4/<address>/udp/<port>/quic-v1`,
    );
  }
  return address;
};

export const parseRelayAddress = (text: string): Multiaddr => {
  const address = parse(text);
  const parts = address.getComponents();
  if (
    parts.length < 2 ||
    parts.at(-1)?.code !== CODE_P2P ||
    isRelayed(address)
  ) {
    throw Error(
      `${text} is not the address of a relay: that ends with /p2p/<peer id>`,
    );
  }
  return address;
};

export type PeerAddresses = Readonly<{
  direct: readonly Multiaddr[];
  relayed: readonly Multiaddr[];
}>;

/**
 * With the peer id at the end, so that nobody else is taken for the peer. Those
 * that are of another peer, of no network or cannot be read are left out.
 */
export const parsePeerAddresses = (
  peerId: string,
  texts: readonly string[],
): PeerAddresses => {
  const peer = parse(`/p2p/${peerId}`);
  const addresses = new Map<string, Multiaddr>();
  for (const text of texts.slice(0, MAX_ADDRESSES)) {
    const address = tryParse(text);
    if (address !== undefined && isOfNetwork(address)) {
      const whole = endsWithPeer(address) ? address : address.encapsulate(peer);
      if (idAtEnd(whole) === peerId) {
        addresses.set(whole.toString(), whole);
      }
    }
  }
  const { direct = [], relayed = [] } = Object.groupBy(
    addresses.values(),
    (address) => (isRelayed(address) ? 'relayed' : 'direct'),
  );
  return { direct, relayed };
};

/** Not, say, `/unix/…`: others may not make this daemon knock at sockets of its machine. */
const isOfNetwork = (address: Multiaddr): boolean =>
  /^(?:ip4|ip6|ip6zone|dns|dns4|dns6)$/u.test(
    address.getComponents()[0]?.name ?? '',
  );

const endsWithPeer = (address: Multiaddr): boolean =>
  address.getComponents().at(-1)?.code === CODE_P2P;

const idAtEnd = (address: Multiaddr): string | undefined =>
  address.getComponents().at(-1)?.value;

const isRelayed = (address: Multiaddr): boolean =>
  address.getComponents().some(({ name }) => name === 'p2p-circuit');

const parse = (text: string): Multiaddr => {
  try {
    return multiaddr(text);
  } catch (error) {
    throw Error(`${text} is not a multiaddr: ${problemOf(error)}`, {
      cause: error,
    });
  }
};

const tryParse = (text: string): Multiaddr | undefined => {
  try {
    return multiaddr(text);
  } catch {
    return undefined;
  }
};
