import { expect, it } from 'vitest';
import { addressesIn, issuerOf } from './object-url.ts';

const PEER = '12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV';
const token = 'ab'.repeat(32);

it.each([
  [`ocap:${token}@${PEER}`, PEER, []],
  [
    `ocap:${token}@${PEER},/ip4/192.0.2.7/tcp/1,/ip6/::1/tcp/2`,
    PEER,
    ['/ip4/192.0.2.7/tcp/1', '/ip6/::1/tcp/2'],
  ],
  ['what is this', undefined, []],
])('%s is of %s', (url, issuer, addresses) => {
  expect(issuerOf(url)).toBe(issuer);
  expect(addressesIn(url)).toStrictEqual(addresses);
});
