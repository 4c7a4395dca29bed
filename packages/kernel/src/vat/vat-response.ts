/** `Response` of a vat: what came back, or what the vat makes up itself. */
import harden from '@endo/harden';
import { decodeBase64 } from './base64.ts';
import type { FetchResponse } from './fetch-protocol.ts';
import { Body, bodyParts, copyBody, type BodyParts } from './vat-body.ts';
import { Headers } from './vat-headers.ts';

type ResponseInit = Readonly<{
  status?: unknown;
  statusText?: unknown;
  headers?: unknown;
}>;

/** What only a fetch can give. */
type Origin = Pick<FetchResponse, 'url' | 'redirected'>;

/** Assigned below, where the private fields can be seen. */
let make: (
  parts: BodyParts,
  init: ResponseInit & Origin & Readonly<{ status: number }>,
) => Response;

/** Answers that have no body. */
const isEmptyStatus = (status: number): boolean =>
  status === 204 || status === 205 || status === 304;

export class Response extends Body {
  #status: number;
  readonly #statusText: string;
  readonly #headers: Headers;
  #url = '';
  #redirected = false;

  constructor(body: unknown = null, init: ResponseInit = {}) {
    const { bytes, type } = bodyParts(body);
    const { statusText = '' } = init;
    const status = statusOf(init.status ?? 200);
    if (bytes !== null && isEmptyStatus(status)) {
      throw TypeError(`a response with status ${status} cannot have a body`);
    }
    super(bytes);
    this.#status = status;
    this.#statusText = String(statusText);
    this.#headers = new Headers(init.headers);
    if (type !== undefined && !this.#headers.has('content-type')) {
      this.#headers.set('content-type', type);
    }
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) {
      throw TypeError('this cannot be written as JSON');
    }
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) {
      headers.set('content-type', 'application/json');
    }
    return new Response(text, { ...init, headers });
  }

  get status(): number {
    return this.#status;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get url(): string {
    return this.#url;
  }

  get redirected(): boolean {
    return this.#redirected;
  }

  clone(): Response {
    const { status, statusText, headers, url, redirected } = this;
    const init = { status, statusText, headers, url, redirected };
    return make({ bytes: copyBody(this) }, init);
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }

  static {
    make = ({ bytes }, { status, url, redirected, ...init }) => {
      // With a status that a vat could not have given it.
      const response = new Response(bytes, init);
      response.#status = status;
      response.#url = url;
      response.#redirected = redirected;
      return response;
    };
  }
}
harden(Response);

export const responseFrom = (response: FetchResponse): Response => {
  const bytes = decodeBase64(response.body);
  const isEmpty = isEmptyStatus(response.status) && bytes.length === 0;
  return make({ bytes: isEmpty ? null : bytes }, response);
};

const statusOf = (input: unknown): number => {
  const status = Number(input);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw RangeError('the status of a response is from 200 to 599');
  }
  return status;
};
