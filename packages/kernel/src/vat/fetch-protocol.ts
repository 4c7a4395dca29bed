/**
 * What daemon and vat host say to each other about the requests of a vat. The
 * host's side is not believed: `isFetchRequest` is part of the door in
 * `protocol.ts`. Whether a request may go out is not decided by its form.
 */

export type HeaderPair = readonly [name: string, value: string];

export const redirectModes = ['follow', 'error', 'manual'] as const;
export type RedirectMode = (typeof redirectModes)[number];

export type FetchRequest = Readonly<{
  /** The vat's own number for it, used once in an incarnation. */
  id: number;
  url: string;
  method: string;
  headers: readonly HeaderPair[];
  /** Base64. */
  body: string | null;
  redirect: RedirectMode;
}>;

export type FetchResponse = Readonly<{
  /** Of the answer: after the redirects, without a fragment. */
  url: string;
  redirected: boolean;
  status: number;
  statusText: string;
  headers: readonly HeaderPair[];
  /** Base64 of the body, decompressed. */
  body: string;
}>;

/** A problem is a text for whoever wrote the vat, without a full stop. */
export type FetchOutcome =
  Readonly<{ response: FetchResponse }> | Readonly<{ problem: string }>;

const token = /^[\w!#$%&'*+\-.^`|~]+$/u;
// Bytes as characters, without what would end the header.
const headerValue = /^[^\0\r\n\u0100-\uffff]*$/;
// Without groups: on a long text those overflow the stack.
const base64 = /^[A-Za-z0-9+/]*={0,2}$/u;

/** Whether it can be a method or the name of a header. */
export const isToken = (value: unknown): value is string =>
  typeof value === 'string' && token.test(value);

export const isHeaderValue = (value: unknown): value is string =>
  typeof value === 'string' && headerValue.test(value);

export const isRedirectMode = (value: unknown): value is RedirectMode =>
  redirectModes.some((mode) => mode === value);

const isHeaderPair = (value: unknown): value is HeaderPair =>
  Array.isArray(value) &&
  value.length === 2 &&
  isToken(value[0]) &&
  isHeaderValue(value[1]);

const isBase64 = (value: unknown): value is string =>
  typeof value === 'string' && value.length % 4 === 0 && base64.test(value);

export const isFetchId = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0;

export const isFetchRequest = (value: unknown): value is FetchRequest => {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { id, url, method, headers, body, redirect } = value as Record<
    string,
    unknown
  >;
  return (
    isFetchId(id) &&
    typeof url === 'string' &&
    isToken(method) &&
    Array.isArray(headers) &&
    headers.every(isHeaderPair) &&
    (body === null || isBase64(body)) &&
    isRedirectMode(redirect)
  );
};

/** What counts against the limit `fetchRequestBytes`. */
export const fetchRequestBytes = ({
  url,
  headers,
  body,
}: FetchRequest): number =>
  headers.reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    url.length + decodedBytes(body ?? ''),
  );

const decodedBytes = (text: string): number => {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  return (text.length / 4) * 3 - padding;
};
