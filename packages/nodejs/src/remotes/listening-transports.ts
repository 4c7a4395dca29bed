/**
 * The TCP and WebSocket transports of libp2p with a front door, and WebSockets
 * that are given up when the attempt is: libp2p would leave them open. Uses
 * members of libp2p's classes that its types do not show.
 */
import type { Server } from 'node:net';
import { tcp } from '@libp2p/tcp';
import {
  closedByAbort,
  insistMembers,
  tameWebSockets,
  type WebSocketLike,
} from '@ocap/kernel-utils/libp2p';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { FrontDoor } from './front-door.ts';
import type { Components, Transport } from './libp2p-types.ts';
import { openWebSocket } from './open-web-socket.ts';

type TransportFactory = (components: Components) => Transport;

type SocketDialer = {
  _connect: (
    address: Multiaddr,
    options: Readonly<{ signal: AbortSignal }>,
  ) => Promise<WebSocketLike>;
};

export const guardedTcp =
  (door: FrontDoor): TransportFactory =>
  (components) =>
    withDoor(tcp()(components), door);

export const guardedWebSockets =
  (door: FrontDoor): TransportFactory =>
  (components) => {
    const transport = tameWebSockets()(components);
    insistMembers<SocketDialer>(transport, '_connect');
    transport._connect = async (address, { signal }) =>
      closedByAbort(await openWebSocket(address, signal));
    return withDoor(transport, door);
  };

const withDoor = (transport: Transport, door: FrontDoor): Transport => {
  const { createListener } = transport;
  transport.createListener = (options) => {
    const listener = createListener.call(transport, options);
    insistMembers<{ server: Server }>(listener, 'server');
    door.guard(listener.server);
    return listener;
  };
  return transport;
};
