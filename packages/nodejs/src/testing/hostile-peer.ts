/**
 * A libp2p node that speaks the protocol of ocap daemons down to the frame, and
 * says in it whatever it is told to. Needs no test runner around it.
 */
import { generateKeyPair } from '@libp2p/crypto/keys';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { encodeFrame, makeFrameDecoder } from '../remotes/frame-decoder.ts';
import type { Stream } from '../remotes/libp2p-types.ts';

const PROTOCOL = '/ocap/1';
const MAX_HEARD_BYTES = 64 * 1024 * 1024;
/** What one message of libp2p holds. */
const CHUNK_BYTES = 64 * 1024;

export type HostileLink = Readonly<{
  /** Resolves when it has left this process; rejects if the link has ended. */
  say(frame: string): Promise<void>;
  /** The same without a length before it. */
  sayBytes(bytes: Uint8Array): Promise<void>;
  /** Frames that came in, whole ones. */
  heard: readonly string[];
  isOpen(): boolean;
  close(): void;
}>;

export type HostilePeer = Readonly<{
  peerId: string;
  /** Another link, on the connection that there is. */
  open(): Promise<HostileLink>;
  stop(): Promise<void>;
}>;

type Terms = Readonly<{
  /** With the peer id of whom it means to reach. */
  address: string;
  /** An address of loopback (127.x.y.z), as if it were another machine. */
  from?: string;
  /** Where somebody is whose public key it shows, though it has not the secret one. */
  posesAs?: string;
}>;

export const startHostilePeer = async ({
  address,
  from = '127.0.0.1',
  posesAs,
}: Terms): Promise<HostilePeer> => {
  const own = await newKey();
  const node = await startNode(
    posesAs === undefined ? own : posing(own, await publicKeyAt(posesAs)),
    from,
  );
  return {
    peerId: node.peerId.toString(),
    open: async () =>
      linkOn(await node.dialProtocol(multiaddr(address), PROTOCOL)),
    stop: async () => node.stop(),
  };
};

const newKey = async () => generateKeyPair('Ed25519');
type Key = Awaited<ReturnType<typeof newKey>>;

const startNode = async (privateKey: Key, localAddress: string) => {
  const dialOpts = { localAddress } as object;
  return createLibp2p({
    privateKey,
    transports: [tcp({ dialOpts })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { reconnectRetries: 0 },
  });
};

const publicKeyAt = async (address: string): Promise<Key['publicKey']> => {
  const node = await startNode(await newKey(), '127.0.0.1');
  try {
    const { remotePeer } = await node.dial(multiaddr(address));
    return remotePeer.publicKey as Key['publicKey'];
  } finally {
    await node.stop();
  }
};

/** Signs with its own key under the name of another. */
const posing = (own: Key, publicKey: Key['publicKey']): Key => ({
  ...own,
  publicKey,
  sign: (data, options) => own.sign(data, options),
});

const linkOn = (stream: Stream): HostileLink => {
  const decoder = makeFrameDecoder({ maxFrameBytes: MAX_HEARD_BYTES });
  const heard: string[] = [];
  let isOpen = true;
  const end = (): void => {
    isOpen = false;
  };
  stream.addEventListener('end', end);
  stream.addEventListener('close', end);
  stream.addEventListener('message', ({ data }) => {
    for (const part of data instanceof Uint8Array ? [data] : data) {
      heard.push(...decoder.push(part).frames);
    }
  });
  const sayBytes = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      if (!stream.send(bytes.subarray(at, at + CHUNK_BYTES))) {
        await stream.onDrain();
      }
    }
  };
  return {
    say: async (frame) => sayBytes(encodeFrame(frame)),
    sayBytes,
    heard,
    isOpen: () => isOpen,
    close: () => stream.abort(Error('it has said what it had to say')),
  };
};
