/** A TCP port in front of another one, on which everything can break that breaks between machines. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Wire = Readonly<{
  port: number;
  /** Connections are reset, and new ones too. */
  cut(): void;
  /** Nothing passes, and nobody is told. */
  hold(): void;
  /** Nothing passes any more on what is open now, and nobody is told; what comes new works. */
  forget(): void;
  /** As it was; what was held goes on. */
  mend(): void;
  close(): void;
}>;

type State = 'whole' | 'cut' | 'held';

type Pair = Readonly<{ near: Socket; far: Socket }>;

/** On loopback, before the port `target()`. */
export const openWire = async (target: () => number): Promise<Wire> => {
  const pairs = new Set<Pair>();
  const sockets = new Set<Socket>();
  let state: State = 'whole';

  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  const endBoth = ({ near, far }: Pair): void => {
    near.destroy();
    far.destroy();
  };

  const join = (pair: Pair): void => {
    pair.near.pipe(pair.far);
    pair.far.pipe(pair.near);
  };
  const part = ({ near, far }: Pair): void => {
    near.unpipe(far).pause();
    far.unpipe(near).pause();
  };

  const server = createServer((near) => {
    track(near);
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target(), '127.0.0.1');
    track(far);
    const pair = { near, far };
    pairs.add(pair);
    for (const socket of [near, far]) {
      socket.once('close', () => {
        // While nothing passes, nor does this.
        if (state === 'whole' && pairs.delete(pair)) endBoth(pair);
      });
    }
    if (state === 'whole') join(pair);
    else part(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = 'cut';
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
      pairs.clear();
    },
    hold: () => {
      state = 'held';
      pairs.forEach(part);
    },
    forget: () => {
      pairs.forEach(part);
      pairs.clear();
    },
    mend: () => {
      state = 'whole';
      for (const pair of pairs) {
        if (pair.near.destroyed || pair.far.destroyed) {
          pairs.delete(pair);
          endBoth(pair);
        } else {
          join(pair);
        }
      }
    },
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
};
