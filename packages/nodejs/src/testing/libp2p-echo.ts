/**
 * Bytes there and back over one stream of libp2p, on the kind of connection that
 * daemons have (TCP, Noise, Yamux) and with nothing else in between: the floor
 * under calls to other kernels.
 */
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { Stream } from '../remotes/libp2p-types.ts';

const PROTOCOL = '/echo/1';
/** About what a frame with one call has. */
const MESSAGE_BYTES = 200;

const startNode = async (listen: string[]) =>
  createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  });

/** On loopback; returns its address, with its peer id. */
export const startEchoServer = async (): Promise<string> => {
  const node = await startNode(['/ip4/127.0.0.1/tcp/0']);
  await node.handle(PROTOCOL, (stream: Stream) => {
    stream.addEventListener('message', ({ data }) => {
      stream.send(data);
    });
  });
  return String(node.getMultiaddrs()[0]);
};

export type EchoClient = Readonly<{
  /** So many messages, of which so many are under way all the time; how long that took, in ms. */
  exchange(messages: number, inFlight: number): Promise<number>;
  close(): Promise<void>;
}>;

export const openEchoClient = async (address: string): Promise<EchoClient> => {
  const node = await startNode([]);
  const stream = await node.dialProtocol(multiaddr(address), PROTOCOL);
  const message = new Uint8Array(MESSAGE_BYTES).fill(120);
  let onBytes = (_count: number): void => undefined;
  stream.addEventListener('message', ({ data }) => onBytes(data.byteLength));
  return {
    exchange: async (messages, inFlight) => {
      const done = Promise.withResolvers<void>();
      const begun = performance.now();
      let sent = 0;
      let received = 0;
      const send = (upTo: number): void => {
        for (; sent < Math.min(upTo, messages); sent += 1) stream.send(message);
      };
      onBytes = (count) => {
        received += count;
        const answered = Math.floor(received / MESSAGE_BYTES);
        send(answered + inFlight);
        if (answered === messages) done.resolve();
      };
      send(inFlight);
      await done.promise;
      return performance.now() - begun;
    },
    close: async () => node.stop(),
  };
};
