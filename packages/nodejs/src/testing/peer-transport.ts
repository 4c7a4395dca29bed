/** The transport of one daemon for a test, that notes what it is told; stopped after it. */
import type { PeerLink, PeerTransport, RemoteCommsOptions } from '@ocap/kernel';
import { limitValues, type LimitValues } from '@ocap/kernel-utils';
import { onTestFinished, vi } from 'vitest';
import { makeLibp2pTransport } from '../remotes/libp2p-transport.ts';

export type NotedLink = PeerLink &
  Readonly<{
    frames: readonly string[];
    /** One reason, once it is closed. */
    closings: readonly string[];
  }>;

export type TestPeer = Readonly<{
  transport: PeerTransport;
  peerId: string;
  /** In the order in which they were opened. */
  links: readonly NotedLink[];
  addresses(): readonly string[];
  /** Connects, and resolves with the link at this end. */
  connect(to: TestPeer, addresses?: readonly string[]): Promise<NotedLink>;
}>;

const silent = (): void => undefined;

let made = 100;

export const startTestPeer = async ({
  limits = {},
  seed = new Uint8Array(32).fill((made += 1)),
  onFrame = () => undefined,
  ...options
}: RemoteCommsOptions & {
  limits?: Partial<LimitValues>;
  seed?: Uint8Array;
  onFrame?: (frame: string, link: PeerLink) => void;
} = {}): Promise<TestPeer> => {
  const transport = makeLibp2pTransport({
    seed: () => seed,
    limits: limitValues(limits),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  onTestFinished(async () => transport.stop());
  const links: NotedLink[] = [];
  await transport.start(options, (link) => {
    const frames: string[] = [];
    const closings: string[] = [];
    links.push({ ...link, frames, closings });
    return {
      onFrame: (frame) => {
        frames.push(frame);
        onFrame(frame, link);
      },
      onClosed: (reason) => {
        closings.push(reason);
      },
    };
  });
  return {
    transport,
    peerId: await peerIdOf(seed),
    links,
    addresses: () => transport.addresses(),
    connect: async (to, addresses = to.addresses()) => {
      const before = links.length;
      await transport.connect(to.peerId, addresses);
      const link = links.slice(before).find(({ opener }) => opener === 'us');
      if (link === undefined) {
        throw Error('no link was told of');
      }
      return link;
    },
  };
};

/** As libp2p itself derives it. */
const peerIdOf = async (seed: Uint8Array): Promise<string> => {
  const { generateKeyPairFromSeed } = await import('@libp2p/crypto/keys');
  const { publicKey } = await generateKeyPairFromSeed('Ed25519', seed);
  return publicKey.toString();
};

/** The other end's link, once there are so many. */
export const linkOf = async (peer: TestPeer, count = 1): Promise<NotedLink> =>
  vi.waitFor(
    () => {
      const link = peer.links[count - 1];
      if (link === undefined) {
        throw Error(`there are ${peer.links.length} links, not ${count}`);
      }
      return link;
    },
    { timeout: 5000, interval: 5 },
  );
