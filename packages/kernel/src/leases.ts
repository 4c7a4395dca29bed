/**
 * What clients hold without a name: references that left through the socket,
 * and recorded answers to idempotent calls. Both end after the lease.
 */
import harden from '@endo/harden';
import type { KRef } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';

export type Leases = Readonly<{
  /** Holds a reference for the time of a lease, from now. */
  lease(kref: KRef): void;
  /** When a lease that begins now ends, epoch ms. */
  leaseEnd(): number;
  /** Lets go of some leases and recorded answers whose time is over; whether there may be more. */
  expire(): boolean;
  /** Lets go of every lease and recorded answer. */
  forgetAll(): void;
}>;

/** Of each that are let go of in one turn. */
const SLICE = 500;

export const makeLeases = ({
  store,
  refs,
  powers,
}: Pick<KernelContext, 'store' | 'refs' | 'powers'>): Leases => {
  const { leaseMs } = powers.limits;
  const leaseEnd = (): number => powers.epoch() + leaseMs;

  const expireUpTo = (now: number): boolean => {
    const leases = [...store.scan().expiredLeases(now, SLICE)];
    const requests = [...store.scan().expiredRequests(now, SLICE)];
    store.savepoint(() => {
      for (const kref of leases) {
        store.leases.delete(kref);
        refs.release(kref);
      }
      for (const id of requests) {
        const slots = store.requests.get(id)?.data?.slots ?? [];
        store.requests.delete(id);
        refs.releaseAll(slots);
      }
      refs.collect();
    });
    return leases.length === SLICE || requests.length === SLICE;
  };

  return harden({
    lease: (kref: KRef) => {
      const expires = leaseEnd();
      const row = store.leases.get(kref);
      if (row === undefined) {
        refs.hold(kref);
      } else if (expires - row.expires < leaseMs / 10) {
        return; // young enough: not worth a write
      }
      store.leases.set(kref, { expires });
    },
    leaseEnd,
    expire: () => expireUpTo(powers.epoch()),
    forgetAll: () => {
      while (expireUpTo(Number.MAX_SAFE_INTEGER));
    },
  });
};
