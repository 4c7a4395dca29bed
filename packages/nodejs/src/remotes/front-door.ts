/**
 * Who may come in at a listening TCP or WebSocket port, before libp2p spends
 * anything on it. libp2p itself refuses everybody once enough handshakes are
 * under way, which a handful of silent connections can bring about; here the
 * oldest of whoever has most must go, so that others get in.
 */
import type { Server, Socket } from 'node:net';
import type { LimitValues } from '@ocap/kernel-utils';
import { addressOfIp, networkOfIp } from '@ocap/kernel-utils/libp2p';

type Limits = Pick<
  LimitValues,
  | 'remoteConnections'
  | 'remoteConnectionsPerHost'
  | 'remoteConnectionsPerSecond'
  | 'remoteHandshakeMs'
  | 'remoteHandshakes'
>;

type Visitor = Readonly<{
  socket: Socket;
  /** The address itself; of an IPv6 address the network, all of which one host can use. */
  host: string;
}>;

export type FrontDoor = Readonly<{
  /** Asks at the door whoever connects to this server. */
  guard(server: Server): void;
  /** The handshake with whoever is at this address is done. */
  admit(address: string, port: number): void;
  /** Sends everybody away. */
  close(): void;
}>;

export const makeFrontDoor = (limits: Limits): FrontDoor => {
  const inside = new Set<Visitor>();
  /** Those whose handshake is not done, oldest first, by address and port. */
  const waiting = new Map<string, Visitor>();
  const knocks = makeRate(limits.remoteConnectionsPerSecond);

  const isWelcome = (host: string): boolean => {
    const known = [...inside, ...waiting.values()];
    return (
      inside.size < limits.remoteConnections &&
      known.filter((visitor) => visitor.host === host).length <
        limits.remoteConnectionsPerHost &&
      knocks.take(host)
    );
  };

  const makeRoom = (): void => {
    if (waiting.size < limits.remoteHandshakes) {
      return;
    }
    const crowds = Map.groupBy(waiting, ([, { host }]) => host);
    const [largest] = [...crowds.values()].toSorted(
      (one, other) => other.length - one.length,
    );
    const [oldest] = largest ?? [];
    if (oldest !== undefined) {
      const [key, { socket }] = oldest;
      waiting.delete(key);
      socket.destroy();
    }
  };

  /** Whether libp2p may have it. */
  const receive = (socket: Socket): boolean => {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return false;
    }
    const host = networkOfIp(remoteAddress);
    if (!isWelcome(host)) {
      socket.resetAndDestroy();
      return false;
    }
    makeRoom();
    const key = keyOf(remoteAddress, remotePort);
    const visitor = { socket, host };
    waiting.set(key, visitor);
    const timer = setTimeout(() => {
      if (waiting.get(key) === visitor) {
        socket.destroy();
      }
    }, limits.remoteHandshakeMs);
    // Whoever takes the socket may listen for its errors only later.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      inside.delete(visitor);
      if (waiting.get(key) === visitor) {
        waiting.delete(key);
      }
    });
    return true;
  };

  return {
    guard: (server) => {
      const [enter] = server.listeners('connection');
      server.removeAllListeners('connection');
      server.on('connection', (socket: Socket) => {
        if (receive(socket)) {
          enter?.call(server, socket);
        }
      });
    },
    admit: (address, port) => {
      const key = keyOf(address, port);
      const visitor = waiting.get(key);
      if (visitor !== undefined) {
        waiting.delete(key);
        inside.add(visitor);
      }
    },
    close: () => {
      for (const { socket } of [...inside, ...waiting.values()]) {
        socket.destroy();
      }
    },
  };
};

/** So many in one second, for each host. */
const makeRate = (perSecond: number) => {
  const counts = new Map<string, number>();
  let second = 0;
  return {
    take: (host: string): boolean => {
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) {
        second = now;
        counts.clear();
      }
      const count = (counts.get(host) ?? 0) + 1;
      counts.set(host, count);
      return count <= perSecond;
    },
  };
};

const keyOf = (address: string, port: number): string =>
  `${addressOfIp(address)} ${port}`;
