/**
 * Closes sockets that hold a place and say nothing. libp2p counts and times
 * what has become a connection; a socket at the WebSocket port becomes one only
 * once it has sent a whole HTTP request, and may take for ever to do so, until
 * the relay has no descriptors left. Node tells of each socket that any server
 * of this process takes, so they can be looked after here.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { networkOfIp } from '@ocap/kernel-utils/libp2p';

const CHANNEL = 'net.server.socket';

// Every handshake begins with an answer of ours, soon after the first words.
const SILENT_MS = 10_000;

type Options = Readonly<{
  maxSockets: number;
  /** Of one IPv4 address or IPv6 network. */
  maxPerIp: number;
  silentMs?: number;
}>;

export type SocketGuard = Readonly<{
  /** How many sockets were closed so far. */
  closed(): number;
  stop(): void;
}>;

export const guardSockets = ({
  maxSockets,
  maxPerIp,
  silentMs = SILENT_MS,
}: Options): SocketGuard => {
  const perNetwork = new Map<string, Set<Socket>>();
  let open = 0;
  let closed = 0;

  const close = (socket: Socket): void => {
    closed += 1;
    socket.destroy();
  };

  const guard = (socket: Socket): void => {
    const { remoteAddress } = socket;
    // That of the owner's commands, which is no IP socket.
    if (remoteAddress === undefined) return;
    const network = networkOfIp(remoteAddress);
    const others = perNetwork.get(network) ?? new Set();
    if (open >= maxSockets || others.size >= maxPerIp) {
      close(socket);
      return;
    }
    perNetwork.set(network, others.add(socket));
    open += 1;
    const timer = setTimeout(() => {
      if (socket.bytesWritten === 0) close(socket);
    }, silentMs);
    timer.unref();
    socket.once('close', () => {
      clearTimeout(timer);
      open -= 1;
      others.delete(socket);
      if (others.size === 0) perNetwork.delete(network);
    });
  };

  const onSocket = (message: unknown): void =>
    guard((message as { socket: Socket }).socket);
  subscribe(CHANNEL, onSocket);
  return {
    closed: () => closed,
    stop: () => void unsubscribe(CHANNEL, onSocket),
  };
};
