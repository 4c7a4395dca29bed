/**
 * The WebSocket transport of libp2p without the ways in which a listener of it
 * lets three bytes of a stranger end the process: nobody listens for the errors
 * of a socket, it holds messages of 100 MiB, and aborting it does not close it.
 * Uses members of libp2p's classes that its types do not show.
 */
import { webSockets } from '@libp2p/websockets';
import { insistMembers } from './insist-members.ts';
import type { Listener, Transport, TransportFactory } from './libp2p-types.ts';

/** Unsent bytes that a WebSocket takes before the sender has to wait. */
const SOCKET_BUFFER_BYTES = 1024 * 1024;

/** libp2p sends messages of at most 64 KiB through one. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** What a listener of WebSockets has beside its interface. */
type SocketListener = Readonly<{
  wsServer: Readonly<{ options: { maxPayload: number } }>;
}> & {
  onWsServerConnection: (socket: WebSocketLike, ...rest: unknown[]) => void;
};

export type WebSocketLike = {
  close: (code?: number, reason?: string) => void;
  /** Those that came in at a listener have these, too. */
  terminate?: () => void;
  on?: (type: 'error', listener: () => void) => void;
};

export const tameWebSockets =
  (): TransportFactory =>
  (components): Transport => {
    const transport = webSockets({ maxBufferedAmount: SOCKET_BUFFER_BYTES })(
      components,
    );
    const { createListener } = transport;
    transport.createListener = (options) => {
      const listener = createListener.call(transport, options);
      tameListener(listener);
      return listener;
    };
    return transport;
  };

const tameListener = (listener: Listener): void => {
  insistMembers<SocketListener>(listener, 'wsServer', 'onWsServerConnection');
  listener.wsServer.options.maxPayload = MAX_MESSAGE_BYTES;
  const { onWsServerConnection } = listener;
  listener.onWsServerConnection = (socket, ...rest) => {
    // `close` follows, and that is listened for.
    socket.on?.('error', () => undefined);
    onWsServerConnection.call(listener, closedByAbort(socket), ...rest);
  };
};

/** libp2p aborts by a code that no WebSocket lets its user send. */
const ABORTED = 1006;

/** The same socket, which now closes when libp2p aborts it. */
export const closedByAbort = (socket: WebSocketLike): WebSocketLike => {
  const { close } = socket;
  socket.close = (code, reason) => {
    if (code !== ABORTED) close.call(socket, code, reason);
    else if (socket.terminate !== undefined) socket.terminate();
    else close.call(socket);
  };
  return socket;
};
