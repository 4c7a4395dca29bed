/**
 * What `Request` and `Response` of a vat have in common: a body that is there
 * as a whole and can be read once, as text, JSON or bytes.
 */
import harden from '@endo/harden';

/** The content of a body, and the content type that it has if none is given. */
export type BodyParts = Readonly<{
  bytes: Uint8Array<ArrayBuffer> | null;
  type?: string;
}>;

/** Assigned below, where the private fields can be seen. */
let read: (body: Body) => Uint8Array<ArrayBuffer> | null;
let copy: (body: Body) => Uint8Array<ArrayBuffer> | null;

export class Body {
  readonly #bytes: Uint8Array<ArrayBuffer> | null;
  #used = false;

  constructor(bytes: Uint8Array<ArrayBuffer> | null) {
    this.#bytes = bytes;
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(this.#read() ?? new Uint8Array());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read() ?? new Uint8Array();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  #insistUnused(): void {
    if (this.#used) {
      throw TypeError('the body was already read: clone() before');
    }
  }

  /** Nobody else has the bytes afterwards, so the vat may change them. */
  #read(): Uint8Array<ArrayBuffer> | null {
    this.#insistUnused();
    this.#used = this.#bytes !== null;
    return this.#bytes;
  }

  static {
    read = (body) => body.#read();
    copy = (body) => {
      body.#insistUnused();
      return body.#bytes?.slice() ?? null;
    };
  }
}
harden(Body);

/** Uses the body up. */
export const readBody = (body: Body): Uint8Array<ArrayBuffer> | null =>
  read(body);

/** Leaves the body as it is. */
export const copyBody = (body: Body): Uint8Array<ArrayBuffer> | null =>
  copy(body);

export const bodyParts = (body: unknown): BodyParts => {
  if (body === null || body === undefined) {
    return { bytes: null };
  }
  if (typeof body === 'string') {
    return {
      bytes: new TextEncoder().encode(body),
      type: 'text/plain;charset=UTF-8',
    };
  }
  if (body instanceof URLSearchParams) {
    return {
      bytes: new TextEncoder().encode(String(body)),
      type: 'application/x-www-form-urlencoded;charset=UTF-8',
    };
  }
  if (body instanceof ArrayBuffer) {
    return { bytes: new Uint8Array(body.slice()) };
  }
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body;
    return { bytes: new Uint8Array(buffer, byteOffset, byteLength).slice() };
  }
  throw TypeError(
    'a body is a string, an ArrayBuffer, a view of one, or URLSearchParams',
  );
};
