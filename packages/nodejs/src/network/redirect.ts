/** What a redirect makes of a request, by the rules of the Fetch standard. */
import type { HeaderPair } from '@ocap/kernel';
import { Refused } from './refused.ts';

/** One request on the way to the answer. */
export type Hop = Readonly<{
  url: URL;
  method: string;
  headers: readonly HeaderPair[];
  body: Uint8Array | null;
}>;

const redirectStatus = new Set([301, 302, 303, 307, 308]);

/** What a server of another origin must not be told. */
const credentials = /^(?:authorization|cookie)$/iu;
const ofBody = /^content-(?:encoding|language|location|type)$/iu;

/** Undefined if the response does not redirect. */
export const nextHop = (
  hop: Hop,
  status: number,
  location: string | null,
): Hop | undefined => {
  if (!redirectStatus.has(status) || location === null) {
    return undefined;
  }
  const url = URL.parse(location, hop.url.href);
  if (url === null) {
    throw new Refused('the server redirects to what is not a URL');
  }
  if (url.hash === '') {
    url.hash = hop.url.hash;
  }
  const kept = becomesGet(status, hop.method)
    ? {
        method: 'GET',
        headers: hop.headers.filter(([name]) => !ofBody.test(name)),
        body: null,
      }
    : hop;
  const headers =
    url.origin === hop.url.origin
      ? kept.headers
      : kept.headers.filter(([name]) => !credentials.test(name));
  return { ...kept, url, headers };
};

const becomesGet = (status: number, method: string): boolean =>
  status === 303
    ? method !== 'GET' && method !== 'HEAD'
    : (status === 301 || status === 302) && method === 'POST';
