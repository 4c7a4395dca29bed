/**
 * `Headers` of a vat. Our own and not the platform's, whose objects carry state
 * of the host; hardened, so that vats of one host can share the class.
 */
import harden from '@endo/harden';
import { isHeaderValue, isToken, type HeaderPair } from './fetch-protocol.ts';

/** The one header whose values cannot be joined into one line. */
const SET_COOKIE = 'set-cookie';

const insistName = (name: unknown): string => {
  const text = String(name);
  if (!isToken(text)) {
    throw TypeError(`${JSON.stringify(text)} cannot be the name of a header`);
  }
  return text.toLowerCase();
};

const insistValue = (value: unknown): string => {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/gu, '');
  if (!isHeaderValue(text)) {
    throw TypeError(`${JSON.stringify(text)} cannot be the value of a header`);
  }
  return text;
};

export class Headers {
  readonly #values = new Map<string, string[]>();

  /** Takes `Headers`, a record, or a list of pairs. */
  constructor(init: unknown = {}) {
    for (const pair of pairsOf(init)) {
      const [name, value, ...more] = [...pair];
      if (value === undefined || more.length > 0) {
        throw TypeError('a header is a pair of name and value');
      }
      this.append(name, value);
    }
  }

  append(name: unknown, value: unknown): void {
    const key = insistName(name);
    this.#values.set(key, [
      ...(this.#values.get(key) ?? []),
      insistValue(value),
    ]);
  }

  set(name: unknown, value: unknown): void {
    this.#values.set(insistName(name), [insistValue(value)]);
  }

  get(name: unknown): string | null {
    return this.#values.get(insistName(name))?.join(', ') ?? null;
  }

  getSetCookie(): string[] {
    return [...(this.#values.get(SET_COOKIE) ?? [])];
  }

  has(name: unknown): boolean {
    return this.#values.has(insistName(name));
  }

  delete(name: unknown): void {
    this.#values.delete(insistName(name));
  }

  forEach(
    callback: (value: string, name: string, headers: Headers) => void,
    thisArg?: unknown,
  ): void {
    for (const [name, value] of this.#pairs()) {
      Reflect.apply(callback, thisArg, [value, name, this]);
    }
  }

  entries(): IterableIterator<HeaderPair> {
    return this.#pairs().values();
  }

  keys(): IterableIterator<string> {
    return this.#pairs()
      .map(([name]) => name)
      .values();
  }

  values(): IterableIterator<string> {
    return this.#pairs()
      .map(([, value]) => value)
      .values();
  }

  [Symbol.iterator](): IterableIterator<HeaderPair> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'Headers';
  }

  /** In the order of the names. */
  #pairs(): HeaderPair[] {
    return [...this.#values.keys()]
      .sort()
      .flatMap((name): HeaderPair[] =>
        name === SET_COOKIE
          ? this.getSetCookie().map((value) => [name, value])
          : [[name, this.get(name) ?? '']],
      );
  }
}
harden(Headers);

const pairsOf = (init: unknown): Iterable<Iterable<unknown>> => {
  if (typeof init !== 'object' || init === null) {
    throw TypeError('headers are a record or a list of pairs');
  }
  return Symbol.iterator in init
    ? (init as Iterable<Iterable<unknown>>)
    : Object.entries(init);
};
