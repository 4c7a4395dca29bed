/**
 * Finds a way to a peer: first the direct ones, then those through relays; of
 * each kind the next is begun while the one before has not answered yet, and
 * the first that leads to the peer is taken.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Connection } from './libp2p-types.ts';
import type { PeerAddresses } from './peer-addresses.ts';
import { problemOf } from './problem-of.ts';

/** As browsers do it (RFC 8305): most addresses that work answer sooner. */
const HEAD_START_MS = 250;

/** The part of the time that direct ways may take if there are others. */
const DIRECT_SHARE = 1 / 3;

type Dial = (address: Multiaddr, signal: AbortSignal) => Promise<Connection>;

type Terms = Readonly<{
  dial: Dial;
  connectMs: number;
  /** Ends the attempt. */
  signal: AbortSignal;
}>;

/** Rejects with what was wrong with each address. */
export const dialPeer = async (
  { direct, relayed }: PeerAddresses,
  { dial, connectMs, signal }: Terms,
): Promise<Connection> => {
  const problems: string[] = [];
  for (const [addresses, share] of [
    [direct, relayed.length > 0 ? DIRECT_SHARE : 1],
    [relayed, 1],
  ] as const) {
    if (addresses.length > 0) {
      const deadline = AbortSignal.timeout(Math.ceil(connectMs * share));
      try {
        return await race(addresses, dial, AbortSignal.any([signal, deadline]));
      } catch (error) {
        problems.push(problemOf(error));
      }
    }
    signal.throwIfAborted();
  }
  throw Error(problems.join('; ') || 'none of its addresses is known');
};

const race = async (
  addresses: readonly Multiaddr[],
  dial: Dial,
  signal: AbortSignal,
): Promise<Connection> => {
  const decided = new AbortController();
  const whole = AbortSignal.any([signal, decided.signal]);

  const attempt = async (
    address: Multiaddr,
    before: Promise<unknown>,
  ): Promise<Connection> => {
    const pause = sleep(HEAD_START_MS, undefined, { ref: false });
    await Promise.race([before.catch(() => undefined), pause]);
    try {
      whole.throwIfAborted();
      const connection = await dialUntil(address, whole, dial);
      if (whole.aborted) {
        connection.abort(Error('another way to the peer was faster'));
      }
      whole.throwIfAborted();
      decided.abort();
      return connection;
    } catch (error) {
      throw Error(`${address.toString()}: ${problemOf(error)}`, {
        cause: error,
      });
    }
  };

  const attempts: Promise<Connection>[] = [];
  let before: Promise<unknown> = Promise.resolve();
  for (const address of addresses) {
    const current = attempt(address, before);
    attempts.push(current);
    before = current;
  }
  return Promise.any(attempts);
};

/**
 * Dials with a signal that nothing gives any more once there is a connection:
 * the TCP transport leaves it to the socket, which would be destroyed by it.
 */
const dialUntil = async (
  address: Multiaddr,
  signal: AbortSignal,
  dial: Dial,
): Promise<Connection> => {
  const dialing = new AbortController();
  const abort = (): void => dialing.abort(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await dial(address, dialing.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
