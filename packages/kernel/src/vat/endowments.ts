/**
 * What a vat gets beyond the language, because its config asked for it by name.
 * Pure helpers of the platform (URL, TextEncoder, …) are the host's own,
 * hardened, so that vats in one host cannot use them to talk to each other.
 * Clocks and chance are made for the vat: a clock shows whole milliseconds and
 * never goes back.
 */
import harden from '@endo/harden';
import type { VatGlobal } from '../vat-globals.ts';
import type { FetchOutcome } from './fetch-protocol.ts';
import { hostGlobal } from './host-globals.ts';
import { AbortController, makeAbortSignal } from './vat-abort.ts';
import { makeVatFetch, type FetchPowers, type VatFetch } from './vat-fetch.ts';
import { Headers } from './vat-headers.ts';
import { Request } from './vat-request.ts';
import { Response } from './vat-response.ts';
import {
  makeVatTimers,
  type HostTimers,
  type VatTimers,
} from './vat-timers.ts';

export type EndowmentPowers = Readonly<{
  timers: HostTimers;
  /** Epoch milliseconds, possibly with a fraction. */
  epoch(): number;
  /** Fills the bytes from a cryptographic source. */
  randomBytes(bytes: Uint8Array): void;
  randomUUID(): string;
}>;

export type Endowments = Readonly<{
  globals: Record<string, unknown>;
  /** Runs what is due, as part of a turn that the kernel has given. */
  runDue(report: (error: unknown) => void): void;
  /** What came of a request of the vat. */
  onFetched(id: number, outcome: FetchOutcome): void;
  /** Whether the vat has timers, or waits for an answer. */
  arePending(): boolean;
  stop(): void;
}>;

export const makeEndowments = (
  names: readonly VatGlobal[],
  { timers: hostTimers, ...powers }: EndowmentPowers,
  fetchPowers: FetchPowers,
): Endowments => {
  const timers = makeVatTimers(hostTimers, fetchPowers.requestTurn);
  const fetching = makeVatFetch(fetchPowers);
  const waiters = { timers: timers.globals, fetch: fetching.fetch };
  const globals = Object.fromEntries(
    names.map((name) => [name, makeGlobal(name, powers, waiters)]),
  );
  return harden({
    globals,
    runDue: (report: (error: unknown) => void) => {
      timers.runDue(report);
      fetching.runDue();
    },
    onFetched: fetching.onFetched,
    arePending: () => timers.arePending() || fetching.arePending(),
    stop: () => {
      timers.stop();
      fetching.stop();
    },
  });
};

/** Globals whose effect comes later, in a turn. */
type Waiters = Readonly<{
  timers: VatTimers['globals'];
  fetch: VatFetch['fetch'];
}>;

const makeGlobal = (
  name: VatGlobal,
  powers: Omit<EndowmentPowers, 'timers'>,
  { timers, fetch }: Waiters,
): unknown => {
  switch (name) {
    case 'Date':
      return makeDate(powers.epoch);
    case 'Math':
      return makeMath(powers.randomBytes);
    case 'crypto':
      return makeCrypto(powers);
    case 'setTimeout':
    case 'setInterval':
    case 'clearTimeout':
    case 'clearInterval':
      return timers[name];
    case 'AbortController':
      return AbortController;
    case 'AbortSignal':
      return makeAbortSignal(timers.setTimeout);
    case 'fetch':
      return fetch;
    case 'Headers':
      return Headers;
    case 'Request':
      return Request;
    case 'Response':
      return Response;
    default:
      return hostGlobal(name);
  }
};

/** `Date`, of whole milliseconds, that never shows an earlier time than before. */
const makeDate = (epoch: () => number): unknown => {
  let latest = 0;
  const now = (): number => {
    latest = Math.max(latest, Math.floor(epoch()));
    return latest;
  };
  const PlatformDate = Date;
  function VatDate(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) {
      return new PlatformDate(now()).toString();
    }
    return Reflect.construct(
      PlatformDate,
      args.length === 0 ? [now()] : args,
      new.target,
    );
  }
  Object.defineProperties(VatDate, {
    name: { value: 'Date' },
    length: { value: 7 },
    prototype: { value: PlatformDate.prototype },
    now: { value: now },
    parse: { value: PlatformDate.parse },
    UTC: { value: PlatformDate.UTC },
  });
  return harden(VatDate);
};

/** The whole `Math`, with a `random` that no vat can predict or influence. */
const makeMath = (randomBytes: (bytes: Uint8Array) => void): unknown => {
  const random = (): number => {
    const bytes = new Uint8Array(8);
    randomBytes(bytes);
    // 53 bits, as many as fit into the mantissa.
    const bits = new DataView(bytes.buffer).getBigUint64(0) >> 11n;
    return Number(bits) / 2 ** 53;
  };
  const names = Reflect.ownKeys(Math).filter((key) => key !== 'random');
  const properties = Object.fromEntries(
    names.map((key) => [key, Object.getOwnPropertyDescriptor(Math, key)]),
  ) as PropertyDescriptorMap;
  return harden(
    Object.create(Object.prototype, {
      ...properties,
      random: { value: random },
    }),
  );
};

/** What a cryptographer's tools need of the machine: chance. */
const makeCrypto = ({
  randomBytes,
  randomUUID,
}: Pick<EndowmentPowers, 'randomBytes' | 'randomUUID'>): unknown =>
  harden({
    getRandomValues: <View extends ArrayBufferView>(view: View): View => {
      if (view.byteLength > 65_536) {
        throw RangeError('at most 65536 bytes at a time');
      }
      const { buffer, byteOffset, byteLength } = view;
      randomBytes(new Uint8Array(buffer, byteOffset, byteLength));
      return view;
    },
    randomUUID,
  });
