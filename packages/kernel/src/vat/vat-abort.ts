/**
 * `AbortController` and `AbortSignal` of a vat. Our own: the platform's tell the
 * time (events carry it, `timeout` is a clock of the host's that runs between
 * cranks) and hand out objects of the host that vats could write to.
 */
import harden from '@endo/harden';

type AbortEvent = Readonly<{
  type: 'abort';
  target: AbortSignal;
  currentTarget: AbortSignal;
}>;
type Listener =
  | ((event: AbortEvent) => unknown)
  | Readonly<{ handleEvent(event: AbortEvent): unknown }>;

/** Assigned below, where the private fields can be seen. */
let abort: (signal: AbortSignal, reason: unknown) => void;

export class AbortSignal {
  #aborted = false;
  #reason: unknown;
  #onabort: ((event: AbortEvent) => unknown) | null = null;
  readonly #listeners = new Set<Listener>();

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  get onabort(): ((event: AbortEvent) => unknown) | null {
    return this.#onabort;
  }

  set onabort(listener: unknown) {
    this.#onabort =
      typeof listener === 'function'
        ? (listener as (event: AbortEvent) => unknown)
        : null;
  }

  throwIfAborted(): void {
    if (this.#aborted) {
      throw this.#reason as Error;
    }
  }

  /** A signal has one event, `abort`, and that once. */
  addEventListener(type: unknown, listener: Listener): void {
    if (type === 'abort' && !this.#aborted) {
      this.#listeners.add(listener);
    }
  }

  removeEventListener(type: unknown, listener: Listener): void {
    if (type === 'abort') {
      this.#listeners.delete(listener);
    }
  }

  get [Symbol.toStringTag](): string {
    return 'AbortSignal';
  }

  /** All listeners are called; then the first error that one has thrown is thrown. */
  #abort(reason: unknown): void {
    if (this.#aborted) {
      return;
    }
    this.#aborted = true;
    this.#reason = reason;
    const event: AbortEvent = Object.freeze({
      type: 'abort',
      target: this,
      currentTarget: this,
    });
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    const thrown: unknown[] = [];
    for (const listener of [this.#onabort, ...listeners]) {
      try {
        if (typeof listener === 'function') {
          Reflect.apply(listener, this, [event]);
        } else {
          listener?.handleEvent(event);
        }
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) {
      throw thrown[0] as Error;
    }
  }

  static {
    abort = (signal, reason) => signal.#abort(reason);
  }
}
harden(AbortSignal);

export class AbortController {
  readonly #signal = new AbortSignal();

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason: unknown = abortError()): void {
    abort(this.#signal, reason);
  }

  get [Symbol.toStringTag](): string {
    return 'AbortController';
  }
}
harden(AbortController);

/** The global: the class above, with what makes signals. `setTimeout` is the vat's own. */
export const makeAbortSignal = (
  setTimeout: (task: () => void, ms: number) => unknown,
): unknown => {
  function VatAbortSignal(): never {
    throw TypeError('a signal is made by an AbortController');
  }
  return harden(
    Object.defineProperties(VatAbortSignal, {
      name: { value: 'AbortSignal' },
      prototype: { value: AbortSignal.prototype },
      abort: { value: aborted },
      any: { value: anyOf },
      timeout: {
        value: (ms: number): AbortSignal => {
          const signal = new AbortSignal();
          setTimeout(() => abort(signal, timeoutError(ms)), ms);
          return signal;
        },
      },
    }),
  );
};

const aborted = (reason: unknown = abortError()): AbortSignal => {
  const signal = new AbortSignal();
  abort(signal, reason);
  return signal;
};

const anyOf = (signals: Iterable<unknown>): AbortSignal => {
  const sources = [...signals].map(insistSignal);
  const signal = new AbortSignal();
  for (const source of sources) {
    if (source.aborted) {
      abort(signal, source.reason);
    }
    source.addEventListener('abort', () => abort(signal, source.reason));
  }
  return signal;
};

export const insistSignal = (value: unknown): AbortSignal => {
  if (!(value instanceof AbortSignal)) {
    throw TypeError('a signal is the signal of an AbortController');
  }
  return value;
};

/** With the names that programs look for. */
const namedError = (name: string, message: string): Error =>
  Object.defineProperty(Error(message), 'name', { value: name });

const abortError = (): Error =>
  namedError('AbortError', 'the operation was aborted');

const timeoutError = (ms: number): Error =>
  namedError('TimeoutError', `the operation took longer than ${ms} ms`);
