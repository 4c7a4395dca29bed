/**
 * What counts as one address: an IPv4 address, or an IPv6 network of 64 bits,
 * since whoever has one address of that has all 2^64.
 */
import type { Multiaddr } from './libp2p-types.ts';

const IP4 = 4;
const IP6 = 41;

/** `undefined` where there is no IP address in it. */
export const ipNetworkOf = (address: Multiaddr): string | undefined => {
  const components = address.getComponents();
  const ip = components.find(({ code }) => code === IP4 || code === IP6);
  return ip?.value === undefined ? undefined : networkOfIp(ip.value);
};

/** Takes IPv6 also with a zone (`fe80::1%eth0`). */
export const networkOfIp = (ip: string): string => {
  const address = addressOfIp(ip);
  return address.includes(':')
    ? `${address.split(':').slice(0, 4).join(':')}::/64`
    : address;
};

/** The one way to write it: all eight groups of IPv6, without a zone; IPv4 also where it comes in IPv6 form. */
export const addressOfIp = (ip: string): string => {
  if (!ip.includes(':')) return ip;
  const [, mapped] = /^::ffff:([\d.]+)$/iu.exec(ip) ?? [];
  if (mapped !== undefined) return mapped;
  const groups = groupsOf(ip.replace(/%.*$/u, ''));
  const isMappedIp4 = /^0,0,0,0,0,ffff,/u.test(groups.join(','));
  if (!isMappedIp4) return groups.join(':');
  return groups
    .slice(6)
    .map((hex) => parseInt(hex, 16))
    .flatMap((two) => [two >> 8, two & 255])
    .join('.');
};

/** All eight groups, without leading zeros. */
const groupsOf = (ip: string): readonly string[] => {
  const [left = '', right] = ip.toLowerCase().split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const missing = Math.max(8 - before.length - after.length, 0);
  const zeros = Array.from(
    { length: right === undefined ? 0 : missing },
    () => '0',
  );
  return [...before, ...zeros, ...after].map((group) =>
    group.replace(/^0+(?=.)/u, ''),
  );
};
