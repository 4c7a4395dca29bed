/** A peer that speaks libp2p but keeps to no rule of ocap's: what it sends is up to the test. */
import { generateKeyPair } from '@libp2p/crypto/keys';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { onTestFinished } from 'vitest';
import type {
  MuxedConnection,
  Muxer,
  MuxerFactory,
  Stream,
} from '../remotes/libp2p-types.ts';
import type { TestPeer } from './peer-transport.ts';

const startNode = async (muxer: () => MuxerFactory, listen: string[] = []) => {
  const node = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [muxer],
    connectionMonitor: { enabled: false },
  });
  onTestFinished(async () => node.stop());
  return node;
};

export const startRawPeer = async (listen: string[] = []) =>
  startNode(() => yamux()(), listen);

/** A stream of the protocol from a new peer. */
export const openRawStream = async (
  to: TestPeer,
  protocol = '/ocap/1',
): Promise<Stream> => {
  const node = await startRawPeer();
  return node.dialProtocol(multiaddr(to.addresses()[0]), protocol);
};

export type RawConnection = Readonly<{
  send(bytes: Uint8Array): void;
  /** Everything that has come in. */
  received(): Buffer;
  /** Reads nothing any more. */
  pause(): void;
  isOpen(): boolean;
  end(): void;
}>;

/** An encrypted connection on which the test says what a multiplexer would. */
export const openRawConnection = async (
  to: TestPeer,
): Promise<RawConnection> => {
  const parts: Uint8Array[] = [];
  let connection: MuxedConnection | undefined;
  const node = await startNode(() => ({
    ...yamux()(),
    protocol: '/yamux/1.0.0',
    createStreamMuxer: (under) => {
      connection = under;
      under.addEventListener('message', ({ data }) => {
        parts.push(data.subarray());
      });
      return Object.assign(new EventTarget(), {
        protocol: '/yamux/1.0.0',
        status: 'open',
        streams: [],
        close: async () => undefined,
        abort: () => undefined,
      }) as unknown as Muxer;
    },
  }));
  await node.dial(multiaddr(to.addresses()[0]));
  const raw = connection;
  if (raw === undefined) {
    throw Error('there is no connection');
  }
  return {
    send: (bytes) => raw.send(bytes),
    received: () => Buffer.concat(parts),
    pause: () => raw.pause(),
    isOpen: () => raw.status === 'open',
    end: () => raw.abort(Error('the test has seen enough')),
  };
};
