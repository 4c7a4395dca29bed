/**
 * What a relay gives at most, in one record like `limits.ts`: the value that it
 * has unless an operator says otherwise, the range in which it can be set, its
 * unit, and what it is for. A relay works for strangers, so each of them is
 * what stands between its machine and whoever wants all of it.
 */
import { fail } from '../errors.ts';

type RelayLimit = Readonly<{
  value: number;
  min: number;
  max: number;
  unit: 'bytes' | 'ms' | 'count';
  why: string;
}>;

const MiB = 1024 * 1024;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

// What a timer of the platform can count; beyond it, it would fire at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

export const relayLimits = {
  maxReservations: {
    value: 512,
    min: 1,
    max: 1_000_000,
    unit: 'count',
    why: 'peers that can be reached through this relay at a time, each of which keeps a connection open. A peer has one reservation, however often it asks; it ends with its last connection. Half of maxConnections, so that those who call them find room.',
  },
  reservationMs: {
    value: 1 * HOUR,
    min: 1 * MINUTE,
    max: MAX_TIMER_MS,
    unit: 'ms',
    why: 'how long a reservation holds without being renewed; peers renew it some minutes before its end. Bounds how long one that is connected and has lost interest keeps its place.',
  },
  maxCircuits: {
    value: 1024,
    min: 1,
    max: 1_000_000,
    unit: 'count',
    why: 'pairs of peers that talk through the relay at a time. Each may take some 4 MiB where both flood each other and neither reads. One caller has at most 32 of them, one that is called at most 300.',
  },
  circuitMs: {
    value: 1 * HOUR,
    min: 1 * SECOND,
    max: MAX_TIMER_MS,
    unit: 'ms',
    why: 'how long one circuit holds before both ends are cut off and have to call again: long enough for a conversation, short enough that nobody has a circuit for good.',
  },
  circuitBytes: {
    value: 128 * MiB,
    min: 1024,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'bytes',
    why: 'what goes through one circuit in its life, both directions together, encryption included: room for messages, too little for a free file server.',
  },
  hopMs: {
    value: 15 * SECOND,
    min: 1 * SECOND,
    max: 10 * MINUTE,
    unit: 'ms',
    why: 'in which a request (for a reservation, or for a circuit, with the answer of who is called) has to be done. Stops peers that ask by half and leave it there.',
  },
  maxConnections: {
    value: 1024,
    min: 2,
    max: 1_000_000,
    unit: 'count',
    why: 'open connections; each takes a descriptor and some 0.25 MB (measured with 300). When nine tenths are taken, the oldest that has neither reservation nor circuit gives way to each new one.',
  },
  maxPerIp: {
    value: 64,
    min: 1,
    max: 1_000_000,
    unit: 'count',
    why: 'connections, and so also reservations, from one IPv4 address or one IPv6 network (/64): one machine cannot take every place. Those behind one NAT count together; behind a proxy that is everybody, so then raise it to maxConnections.',
  },
  inboundPerSecond: {
    value: 10,
    min: 1,
    max: 1_000_000,
    unit: 'count',
    why: 'new connections from one address in one second, each of which costs a handshake (some ms of processor time). Behind a proxy, raise it like maxPerIp.',
  },
} as const satisfies Record<string, RelayLimit>;

export type RelayLimitName = keyof typeof relayLimits;
export type RelayLimits = Readonly<Record<RelayLimitName, number>>;

/** The limits of one relay, some of them set otherwise. @throws RELAY_OPTION_INVALID */
export const insistRelayLimits = (
  wanted: Readonly<Partial<Record<RelayLimitName, number | undefined>>> = {},
): RelayLimits => {
  const names = Object.keys(relayLimits) as RelayLimitName[];
  const entries = names.map((name) => {
    const { value, min, max, unit } = relayLimits[name];
    const chosen = wanted[name] ?? value;
    if (!Number.isSafeInteger(chosen) || chosen < min || chosen > max) {
      throw fail('RELAY_OPTION_INVALID', {
        option: name,
        problem: `it is ${chosen}, and must be a whole number from ${min} to ${max} (${unit})`,
      });
    }
    return [name, chosen] as const;
  });
  return Object.fromEntries(entries) as RelayLimits;
};
