/** A way to a TCP port on loopback that can be made to swallow everything, as if the other machine had lost its power. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type FrozenProxy = Readonly<{
  port: number;
  /** From now on nothing gets through, and nobody is told. */
  freeze(): void;
}>;

export const startProxy = async (toPort: number): Promise<FrozenProxy> => {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const carry = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (bytes) => {
      if (!isFrozen) {
        to.write(bytes);
      }
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (!isFrozen) {
        to.destroy();
      }
    });
  };
  const server = createServer((socket) => {
    const onward = connect(toPort, '127.0.0.1');
    carry(socket, onward);
    carry(onward, socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      isFrozen = true;
    },
  };
};
