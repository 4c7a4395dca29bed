/** Peers that come through a relay and then leave their handshake unfinished. */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { onTestFinished, vi } from 'vitest';

type Stalled = Readonly<{ isOver(): boolean }>;

/** One after the other. */
export const stallThrough = async (
  address: string,
  count: number,
): Promise<readonly Stalled[]> => {
  const stalled: Stalled[] = [];
  for (let i = 0; i < count; i += 1) {
    stalled.push(await stallOnce(address));
  }
  return stalled;
};

const stallOnce = async (address: string): Promise<Stalled> => {
  let handshakes = 0;
  let isOver = false;
  const node = await createLibp2p({
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [
      (components) => {
        const encrypter = noise()(components);
        const { secureOutbound } = encrypter;
        // The first one is with the relay.
        encrypter.secureOutbound = async (connection, options) => {
          handshakes += 1;
          if (handshakes === 1) {
            return secureOutbound.call(encrypter, connection, options);
          }
          connection.addEventListener('close', () => {
            isOver = true;
          });
          return Promise.withResolvers<never>().promise;
        };
        return encrypter;
      },
    ],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  onTestFinished(async () => node.stop());
  node.dial(multiaddr(address)).catch(() => undefined);
  await vi.waitFor(() => {
    if (handshakes < 2) {
      throw Error('it has not reached the peer yet');
    }
  });
  return { isOver: () => isOver };
};
