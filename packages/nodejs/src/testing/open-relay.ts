/** A bare relay on loopback, that can be stopped and started again as the same one. */
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';

export type TestRelay = Readonly<{
  /** `/ip4/127.0.0.1/tcp/…/p2p/…` */
  address: string;
  port: number;
  stop(): Promise<void>;
}>;

export type RelayOptions = Readonly<{
  /** Each number is another relay. */
  name?: number;
  port?: number;
  /** What may go through one circuit; no bound without it. */
  maxBytes?: number;
}>;

export const openRelay = async ({
  name = 1,
  port = 0,
  maxBytes,
}: RelayOptions = {}): Promise<TestRelay> => {
  const node = await createLibp2p({
    privateKey: await generateKeyPairFromSeed(
      'Ed25519',
      new Uint8Array(32).fill(name),
    ),
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}`] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // On loopback everybody is one host.
    connectionManager: { inboundConnectionThreshold: 1000 },
    services: {
      identify: identify(),
      relay: circuitRelayServer({
        reservations:
          maxBytes === undefined
            ? { applyDefaultLimit: false }
            : { defaultDataLimit: BigInt(maxBytes) },
      }),
    },
  });
  const [address] = node.getMultiaddrs();
  return {
    address: String(address),
    port: Number(address?.getComponents()[1]?.value),
    stop: async () => node.stop(),
  };
};
