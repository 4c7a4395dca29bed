/** A relay and a peer that has lost its connection, of which nobody is told. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { multiaddr } from '@multiformats/multiaddr';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  addressOf,
  heardOn,
  openEcho,
  startListenerAt,
  startPeer,
  startTestRelay,
} from './fixtures/peers.ts';
import type { Relay } from './start-relay.ts';

/** The address of a relay over a wire on which nothing passes any more once it is cut, of which nobody is told. */
const openWire = async (
  relay: Relay,
): Promise<Readonly<{ address: string; cut(): void }>> => {
  const [, port = ''] = /\/tcp\/(\d+)/u.exec(addressOf(relay)) ?? [];
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    sockets.push(near, far);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    address: addressOf(relay).replace(port, String(own)),
    cut: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
};

it('of several connections of a peer the newest is kept', async () => {
  const relay = await startTestRelay();
  const wire = await openWire(relay);
  const listener = await startListenerAt(wire.address);
  wire.cut();
  await listener.dial(multiaddr(addressOf(relay)), { force: true });
  await vi.waitFor(() => expect(relay.metrics().connections).toBe(1));
  const stream = await openEcho(relay, await startPeer(), listener);
  const heard = heardOn(stream);
  stream.send(new Uint8Array(5).fill(65));
  await vi.waitFor(() => expect(heard()).toBe('AAAAA'));
  expect(relay.metrics()).toMatchObject({ connections: 2, reservations: 1 });
});
