/**
 * Keeps the library's table of reservations true, which it is not by itself:
 * one of a peer that is gone would hold its place until it expires, and one that
 * was renewed twice would end when it should have without the second renewal
 * (the library's timer of the first goes on). So what is to be renewed is
 * forgotten and made anew, and who is gone is forgotten.
 */
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2';
import type { PeerId } from './libp2p-types.ts';

export type Reservations = Readonly<{
  count(): number;
  has(peer: PeerId): boolean;
  /** Circuits that began under it go on to their own limits. */
  forget(peer: PeerId): void;
}>;

export const makeReservations = ({
  reservations: table,
}: CircuitRelayService): Reservations => ({
  count: () => table.size,
  has: (peer) => table.has(peer),
  forget: (peer) => {
    table.get(peer)?.signal.clear();
    table.delete(peer);
  },
});
