/**
 * Puts vats to sleep that have had nothing to do for a while, so that the number
 * of vats is bounded by disk and not by memory. Only a vat that would not miss
 * its heap is evicted: nobody can call an object that lives only there, it owes
 * nobody an answer, and it waits for none itself.
 */
import harden from '@endo/harden';
import {
  isExport,
  isPromiseRef,
  outlivesProcess,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Deliveries } from './deliveries.ts';
import type { VatLife } from './vat-life.ts';
import type { VatRuntime } from './vat-runtimes.ts';

export type Eviction = Readonly<{ stop(): void }>;

/** How many times an idle period is looked at while it lasts. */
const LOOKS = 4;

export const startEviction = (
  { store, refs, vats, powers, wake }: KernelContext,
  life: VatLife,
  deliveries: Deliveries,
): Eviction => {
  const { idleMs } = powers.limits;
  let cancel = (): void => undefined;

  const isQuiet = (vat: VatRuntime): boolean =>
    vat.state === 'awake' &&
    !vat.held &&
    !vat.turnWanted &&
    !vat.isWaiting &&
    vat.inFlight.length === 0 &&
    store.inbox.size(vat.id) === 0;

  /** Whether something that only its heap knows is still needed. */
  const needsHeap = (vatId: VatId): boolean => {
    for (const { kref, vref } of store.scan().clist(vatId)) {
      if (isPromiseRef(kref)) {
        const { state, decider, subscribers } = refs.promise(kref);
        if (
          state === 'unresolved' &&
          (decider === vatId || subscribers.includes(vatId))
        ) {
          return true;
        }
      } else if (
        isExport(vref) &&
        !outlivesProcess(vref) &&
        refs.object(kref).reachable > 0
      ) {
        return true;
      }
    }
    return false;
  };

  const consider = (vat: VatRuntime): void => {
    if (!isQuiet(vat) || powers.now() - vat.activeAt < idleMs) {
      return;
    }
    if (vat.sinceCollection > 0 || store.gcActions.size(vat.id) > 0) {
      // First it says what it no longer needs; the next look may find it free.
      deliveries.collect(vat);
      wake(vat.id);
    } else if (!needsHeap(vat.id)) {
      life.restart(vat.id, 'it was idle');
    }
  };

  const look = (): void => {
    for (const host of [...vats.hosts]) {
      for (const vat of [...host.vats.values()]) {
        consider(vat);
      }
    }
    cancel = powers.after(Math.ceil(idleMs / LOOKS), look);
  };
  cancel = powers.after(Math.ceil(idleMs / LOOKS), look);

  return harden({ stop: () => cancel() });
};
