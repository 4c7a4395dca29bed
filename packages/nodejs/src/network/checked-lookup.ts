/**
 * The lookup of a name, as part of a connection: what it returns is what is
 * connected to, so an address that was checked cannot come to be another one.
 */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Refused } from './refused.ts';

/** Every address of a host. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** For one request. A second connection of it goes where the first one went. */
export const makeCheckedLookup = (
  isAllowed: (address: string) => boolean,
  resolve: Resolve,
): LookupFunction => {
  let found: Promise<readonly LookupAddress[]> | undefined;

  const find = async (hostname: string): Promise<readonly LookupAddress[]> => {
    const addresses = await resolve(hostname);
    const allowed = addresses.filter(({ address }) => isAllowed(address));
    if (addresses.length > 0 && allowed.length === 0) {
      throw new Refused(
        `the host ${hostname} is in a private network; to be reached there, its address must be in the vat's allowedHosts`,
      );
    }
    return allowed;
  };

  return (hostname, { all }, callback) => {
    found ??= find(hostname);
    found.then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) {
          callback(notFound(), '');
        } else if (all === true) {
          callback(null, [...addresses]);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, ''),
    );
  };
};

const notFound = (): NodeJS.ErrnoException =>
  Object.assign(Error('no address'), { code: 'ENOTFOUND' });
