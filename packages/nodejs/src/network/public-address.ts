/**
 * Which addresses belong to the internet at large. All others are of this
 * machine, of its network, of the cloud that it runs in, or nobody's: a vat
 * reaches them only if its config names them.
 */
import { BlockList, isIP } from 'node:net';

/** IPv4 that is not public: RFC 6890 and later. */
const notPublic: readonly (readonly [address: string, prefix: number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by carriers (CGNAT); Alibaba's metadata
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's own services
  ['169.254.0.0', 16], // link-local; metadata of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // of protocols; Oracle's metadata
  ['192.0.2.0', 24], // examples
  ['192.88.99.0', 24], // relays of 6to4
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // measurements
  ['198.51.100.0', 24], // examples
  ['203.0.113.0', 24], // examples
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved; broadcast
];

/** IPv6 within 2000::/3 that is not public; outside of it nothing is. */
const notPublicV6: readonly (readonly [address: string, prefix: number])[] = [
  ['2001::', 23], // of protocols; Teredo, which leads into IPv4
  ['2001:db8::', 32], // examples
  ['2002::', 16], // 6to4, which leads into IPv4
  ['3fff::', 20], // examples
];

/** Public IPv4 as hosts with IPv6 alone see it (NAT64). */
const NAT64 = '64:ff9b::';

// One list for each family: an IPv4 address counts as part of an IPv6 network
// that holds its mapped form.
const blocked = new BlockList();
const publicV6 = new BlockList();
const blockedV6 = new BlockList();
publicV6.addSubnet('2000::', 3, 'ipv6');
publicV6.addSubnet(NAT64, 96, 'ipv6');
for (const [address, prefix] of notPublic) {
  blocked.addSubnet(address, prefix, 'ipv4');
  blockedV6.addSubnet(`${NAT64}${address}`, 96 + prefix, 'ipv6');
}
for (const [address, prefix] of notPublicV6) {
  blockedV6.addSubnet(address, prefix, 'ipv6');
}

export const isPublicAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return !blocked.check(address, 'ipv4');
    case 6:
      return (
        publicV6.check(address, 'ipv6') && !blockedV6.check(address, 'ipv6')
      );
    default:
      return false;
  }
};
