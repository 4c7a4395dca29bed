/** `Request` of a vat: what is to be fetched, checked before it is asked for. */
import harden from '@endo/harden';
import {
  isRedirectMode,
  isToken,
  type FetchRequest,
  type RedirectMode,
} from './fetch-protocol.ts';
import { encodeBase64 } from './base64.ts';
import { insistSignal, type AbortSignal } from './vat-abort.ts';
import { Body, bodyParts, copyBody, readBody } from './vat-body.ts';
import { Headers } from './vat-headers.ts';

type RequestInit = Readonly<{
  method?: unknown;
  headers?: unknown;
  body?: unknown;
  redirect?: unknown;
  signal?: unknown;
}>;

/** Methods that are written in capitals, however the vat writes them. */
const knownMethod = /^(?:DELETE|GET|HEAD|OPTIONS|POST|PUT)$/iu;
const refusedMethod = /^(?:CONNECT|TRACE|TRACK)$/iu;

export class Request extends Body {
  readonly #url: string;
  readonly #method: string;
  readonly #headers: Headers;
  readonly #redirect: RedirectMode;
  readonly #signal: AbortSignal | null;

  /** `input` is a URL or another request, whose body it then takes. */
  constructor(input: unknown, init: RequestInit = {}) {
    const from = input instanceof Request ? input : undefined;
    const method = methodOf(init.method ?? from?.method ?? 'GET');
    const headers = new Headers(init.headers ?? from?.headers);
    const { bytes, type } =
      init.body === undefined && from !== undefined
        ? { bytes: readBody(from) }
        : bodyParts(init.body);
    if (bytes !== null && (method === 'GET' || method === 'HEAD')) {
      throw TypeError(`a ${method} request cannot have a body`);
    }
    if (type !== undefined && !headers.has('content-type')) {
      headers.set('content-type', type);
    }
    super(bytes);
    this.#url = from?.url ?? urlOf(input);
    this.#method = method;
    this.#headers = headers;
    this.#redirect = redirectOf(init.redirect ?? from?.redirect ?? 'follow');
    this.#signal = signalOf(
      init.signal === undefined ? from?.signal : init.signal,
    );
  }

  get url(): string {
    return this.#url;
  }

  get method(): string {
    return this.#method;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get redirect(): RedirectMode {
    return this.#redirect;
  }

  /** Null if none was given. */
  get signal(): AbortSignal | null {
    return this.#signal;
  }

  clone(): Request {
    const { method, headers, redirect, signal } = this;
    const body = copyBody(this);
    return new Request(this.#url, { method, headers, redirect, signal, body });
  }

  get [Symbol.toStringTag](): string {
    return 'Request';
  }
}
harden(Request);

/** As it is told to the daemon; uses the body up. */
export const wireForm = (request: Request, id: number): FetchRequest => {
  const { url, method, headers, redirect } = request;
  const bytes = readBody(request);
  return {
    id,
    url,
    method,
    headers: [...headers],
    body: bytes === null ? null : encodeBase64(bytes),
    redirect,
  };
};

const urlOf = (input: unknown): string => {
  const url = URL.parse(String(input));
  if (url === null) {
    throw TypeError(`${JSON.stringify(String(input))} is not a URL`);
  }
  if (url.username !== '' || url.password !== '') {
    throw TypeError('a URL to fetch cannot have a name and a password in it');
  }
  return url.href;
};

const methodOf = (input: unknown): string => {
  const method = String(input);
  if (!isToken(method) || refusedMethod.test(method)) {
    throw TypeError(`${JSON.stringify(method)} is not a method to fetch with`);
  }
  return knownMethod.test(method) ? method.toUpperCase() : method;
};

const redirectOf = (input: unknown): RedirectMode => {
  if (!isRedirectMode(input)) {
    throw TypeError('redirect is "follow", "error" or "manual"');
  }
  return input;
};

const signalOf = (input: unknown): AbortSignal | null =>
  input === null || input === undefined ? null : insistSignal(input);
