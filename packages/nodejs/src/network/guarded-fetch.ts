/**
 * Makes a vat's request, and only where its config allows. Redirects are
 * followed by hand: for every hop the list is looked at anew, and the connection
 * goes to an address that was checked for it. Nothing is kept from one request
 * to the next, neither cookies nor connections, and no proxy is asked.
 */
import { lookup } from 'node:dns/promises';
import type { FetchRequest, FetchResponse, Network } from '@ocap/kernel';
import type { LimitValues } from '@ocap/kernel-utils';
import type { Response } from 'undici';
import { makeAllowedHosts, type AllowedHosts } from './allowed-hosts.ts';
import { makeCheckedLookup, type Resolve } from './checked-lookup.ts';
import { nextHop, type Hop } from './redirect.ts';
import { problemOf, Refused } from './refused.ts';

/** As in browsers. */
const MAX_REDIRECTS = 10;

/** Headers that belong to the connection, or could name another host than the URL does. */
const notTheVats =
  /^(?:connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/iu;

type Limits = Pick<LimitValues, 'fetchMs' | 'fetchResponseBytes'>;

type Terms = Readonly<{
  allowed: AllowedHosts;
  resolve: Resolve;
  signal: AbortSignal;
  maxBytes: number;
}>;

const resolveByOs: Resolve = async (hostname) =>
  lookup(hostname, { all: true });

export const makeGuardedFetch =
  (
    { fetchMs, fetchResponseBytes }: Limits,
    resolve: Resolve = resolveByOs,
  ): Network['fetch'] =>
  async (request, { allowedHosts, signal }) => {
    const deadline = AbortSignal.timeout(fetchMs);
    try {
      const response = await follow(request, {
        allowed: makeAllowedHosts(allowedHosts),
        resolve,
        signal: AbortSignal.any([signal, deadline]),
        maxBytes: fetchResponseBytes,
      });
      return { response };
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      return {
        problem: deadline.aborted
          ? `there was no complete answer within ${fetchMs / 1000} s`
          : error.message,
      };
    }
  };

const follow = async (
  request: FetchRequest,
  terms: Terms,
): Promise<FetchResponse> => {
  let hop = firstHop(request);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    insistAllowed(hop.url, terms.allowed, redirects > 0);
    const answer = await ask(hop, request, terms).catch((error: unknown) => {
      throw new Refused(problemOf(error, hop.url.host));
    });
    if (!('url' in answer)) {
      return {
        ...answer,
        redirected: redirects > 0,
        url: withoutHash(hop.url),
      };
    }
    hop = answer;
  }
  throw new Refused(`the server redirects more than ${MAX_REDIRECTS} times`);
};

const firstHop = ({ url, method, headers, body }: FetchRequest): Hop => {
  const parsed = URL.parse(url);
  if (parsed === null) {
    throw new Refused('what is to be fetched is not a URL');
  }
  return {
    url: parsed,
    method,
    headers: headers.filter(([name]) => !notTheVats.test(name)),
    body: body === null ? null : Buffer.from(body, 'base64'),
  };
};

const insistAllowed = (
  url: URL,
  allowed: AllowedHosts,
  isRedirect: boolean,
): void => {
  const what = isRedirect ? 'the server redirects to' : 'it is for';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Refused(`${what} ${url.protocol}, which is not http(s)`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Refused(`${what} a URL with a name and a password in it`);
  }
  if (!allowed.allowsUrl(url)) {
    throw new Refused(
      isRedirect
        ? `the server redirects to the host ${url.host}, which is not in the vat's allowedHosts`
        : `the host ${url.host} is not in the vat's allowedHosts`,
    );
  }
};

type Answer = Omit<FetchResponse, 'url' | 'redirected'>;

/** Asks one server; returns what it answered, or where it redirects. */
const ask = async (
  hop: Hop,
  { redirect }: FetchRequest,
  { allowed, resolve, signal, maxBytes }: Terms,
): Promise<Answer | Hop> => {
  // Loaded by the first request, and never where no vat fetches.
  const { Agent, fetch } = await import('undici');
  const agent = new Agent({
    connect: {
      lookup: makeCheckedLookup(
        (address) => allowed.allowsAddress(address, hop.url),
        resolve,
      ),
    },
  });
  try {
    const response = await fetch(hop.url, {
      method: hop.method,
      headers: hop.headers.map(([name, value]) => [name, value]),
      body: hop.body,
      redirect: 'manual',
      dispatcher: agent,
      signal,
    });
    const { status, headers } = response;
    const next = nextHop(hop, status, headers.get('location'));
    if (next === undefined || redirect === 'manual') {
      return await answerOf(response, maxBytes);
    }
    if (redirect === 'error') {
      throw new Refused('the server redirects, which was to be an error');
    }
    return next;
  } finally {
    await agent.destroy();
  }
};

const answerOf = async (
  response: Response,
  maxBytes: number,
): Promise<Answer> => {
  const { status, statusText, headers } = response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new Refused(`the response has more than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('base64');
  return { status, statusText, headers: [...headers], body };
};

const withoutHash = (url: URL): string => {
  const shown = new URL(url);
  shown.hash = '';
  return shown.href;
};
