import { multiaddr } from '@multiformats/multiaddr';
import { expect, it } from 'vitest';
import { addressOfIp, ipNetworkOf, networkOfIp } from './ip-network.ts';

it.each([
  ['/ip4/203.0.113.7/tcp/9002', '203.0.113.7'],
  ['/ip6/2001:db8:1:2:3:4:5:6/tcp/9002', '2001:db8:1:2::/64'],
  ['/ip6/2001:db8:1:2::9/tcp/9001/ws', '2001:db8:1:2::/64'],
  ['/ip6/2001:0db8::1/tcp/9002', '2001:db8:0:0::/64'],
  ['/ip6/::1/tcp/9002', '0:0:0:0::/64'],
  ['/ip6zone/eth0/ip6/fe80::1/tcp/9002', 'fe80:0:0:0::/64'],
  ['/ip6/::ffff:203.0.113.7/tcp/9002', '203.0.113.7'],
  ['/dns4/relay.example.net/tcp/443', undefined],
])('%s belongs to %s', (address, network) => {
  expect(ipNetworkOf(multiaddr(address))).toBe(network);
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
])('%s, as a socket tells it, belongs to %s', (ip, network) => {
  expect(networkOfIp(ip)).toBe(network);
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:0DB8::1', '2001:db8:0:0:0:0:0:1'],
  ['2001:db8:0:0:ffff::', '2001:db8:0:0:ffff:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
])('%s is always written %s', (ip, address) => {
  expect(addressOfIp(ip)).toBe(address);
});
