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
  /** Lets go of leases and recorded answers whose time is over. */
  expire(): void;
  /** Lets go of every lease and recorded answer. */
  forgetAll(): void;
}>;

export const makeLeases = ({
  store,
  refs,
  powers,
}: Pick<KernelContext, 'store' | 'refs' | 'powers'>): Leases => {
  const { leaseMs } = powers.limits;
  const leaseEnd = (): number => powers.epoch() + leaseMs;

  const expireUpTo = (now: number): void => {
    const leases = [...store.scan().leases()];
    const requests = [...store.scan().requests()];
    store.savepoint(() => {
      for (const [kref, { expires }] of leases) {
        if (expires <= now) {
          store.leases.delete(kref);
          refs.release(kref);
        }
      }
      for (const [id, { expires, promise, data }] of requests) {
        if (expires <= now && promise === null) {
          store.requests.delete(id);
          refs.releaseAll(data?.slots ?? []);
        }
      }
      refs.collect();
    });
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
    forgetAll: () => expireUpTo(Infinity),
  });
};
