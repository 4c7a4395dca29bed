/** Strangers at the WebSocket port of a relay. An error that nobody listens for fails the test run, as it would end the process. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, vi } from 'vitest';
import {
  addressOf,
  heardOn,
  openEcho,
  startListener,
  startPeer,
  startTestRelay,
} from './fixtures/peers.ts';

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

it.each([
  ['reserved bits', [0xff, 0xff, 0xff]],
  ['a frame without a mask', [0x82, 1, 1]],
  ['text that is none', [0x81, 0x81, 0, 0, 0, 0, 0xff]],
  [
    'a frame beyond the cap',
    [0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4],
  ],
])('%s end only the connection on which they come', async (_, bytes) => {
  const relay = await startTestRelay();
  const [, port = ''] = /\/tcp\/(\d+)/u.exec(addressOf(relay, 'ws')) ?? [];
  const socket = connect(Number(port), '127.0.0.1');
  const closed = once(socket, 'close');
  socket.write(UPGRADE);
  await once(socket, 'data');
  socket.write(Uint8Array.from(bytes));
  socket.resume();
  await closed;
  const listener = await startListener(relay, 'ws');
  const stream = await openEcho(relay, await startPeer(), listener);
  const heard = heardOn(stream);
  stream.send(new TextEncoder().encode('hello'));
  await vi.waitFor(() => expect(heard()).toBe('hello'));
});
