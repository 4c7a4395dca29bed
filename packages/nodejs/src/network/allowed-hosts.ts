/** Which URLs and addresses a vat's `allowedHosts` let through. */
import { isIP } from 'node:net';
import { parseAllowedHost } from '@ocap/kernel';
import { isPublicAddress } from './public-address.ts';

export type AllowedHosts = Readonly<{
  allowsUrl(url: URL): boolean;
  /** Whether a connection for this URL may go to this address. */
  allowsAddress(address: string, url: URL): boolean;
}>;

const usualPorts = new Map([
  ['http:', 80],
  ['https:', 443],
]);

export const makeAllowedHosts = (list: readonly string[]): AllowedHosts => {
  const entries = list.flatMap((entry) => parseAllowedHost(entry) ?? []);

  const allowsUrl = ({ protocol, hostname, port }: URL): boolean => {
    const usual = usualPorts.get(protocol);
    if (usual === undefined) {
      return false;
    }
    const wanted = port === '' ? usual : Number(port);
    return entries.some(
      (entry) =>
        (entry.port ?? usual) === wanted &&
        (entry.below
          ? hostname.endsWith(`.${entry.hostname}`)
          : hostname === entry.hostname),
    );
  };

  return {
    allowsUrl,
    allowsAddress: (address, url) => {
      if (isPublicAddress(address)) {
        return true;
      }
      // An entry `localhost` means this machine, however it is reached.
      if (url.hostname === 'localhost' && isLoopback(address)) {
        return true;
      }
      const family = isIP(address);
      const host = family === 6 ? `[${address}]` : address;
      const literal = URL.parse(`${url.protocol}//${host}:${url.port}`);
      return family !== 0 && literal !== null && allowsUrl(literal);
    },
  };
};

const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.');
