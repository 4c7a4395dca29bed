import { describe, expect, it } from 'vitest';
import {
  isLoopback,
  listenAddress,
  relayAddress,
  relayIdOf,
} from './listen-address.ts';

const RELAY = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';

describe('--listen', () => {
  it.each([
    ['4001', '/ip4/0.0.0.0/tcp/4001'],
    ['0', '/ip4/0.0.0.0/tcp/0'],
    [':4001', '/ip4/0.0.0.0/tcp/4001'],
    ['*:4001', '/ip4/0.0.0.0/tcp/4001'],
    ['192.0.2.7:65535', '/ip4/192.0.2.7/tcp/65535'],
    ['localhost:4001', '/ip4/127.0.0.1/tcp/4001'],
    ['[2001:db8::7]:4001', '/ip6/2001:db8::7/tcp/4001'],
    ['[::]:04001', '/ip6/::/tcp/4001'],
    ['/ip4/0.0.0.0/tcp/4001/ws', '/ip4/0.0.0.0/tcp/4001/ws'],
    ['/ip4/0.0.0.0/udp/4001/quic-v1', '/ip4/0.0.0.0/udp/4001/quic-v1'],
  ])('"%s" is %s', (text, address) => {
    expect(listenAddress(text)).toBe(address);
  });

  it.each([
    '65536',
    '-1',
    '4001x',
    '192.0.2.7',
    '192.0.2.300:4001',
    'example.net:4001',
    '2001:db8::7:4001',
    '[fe80::1%eth0]:4001',
    '192.0.2.7:',
    ' 4001',
  ])('"%s" is refused', (text) => {
    expect(() => listenAddress(text)).toThrow(`--listen "${text}" is neither`);
  });
});

describe('--relay', () => {
  it.each([
    `/ip4/192.0.2.7/tcp/9002/p2p/${RELAY}`,
    `/dns4/relay.example.net/tcp/443/wss/p2p/${RELAY}`,
  ])('is a multiaddr with the peer id of the relay: %s', (address) => {
    expect(relayAddress(address)).toBe(address);
    expect(relayIdOf(address)).toBe(RELAY);
  });

  it.each([
    '9002',
    'relay.example.net',
    '/ip4/192.0.2.7/tcp/9002',
    `/p2p/${RELAY}`,
    `/ip4/192.0.2.7/tcp/9002/p2p/${RELAY}/p2p-circuit`,
  ])('"%s" is refused', (text) => {
    expect(() => relayAddress(text)).toThrow('not the address of a relay');
  });
});

it.each([
  ['/ip4/127.0.0.1/tcp/1', true],
  ['/ip6/::1/tcp/1', true],
  ['/ip4/192.0.2.7/tcp/1', false],
  ['/ip6/::/tcp/1', false],
  ['/dns4/a.example/tcp/1', false],
])('%s is of this machine only: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
