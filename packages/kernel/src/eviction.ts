/**
 * Puts vats to sleep that have had nothing to do for a while, so that the number
 * of vats is bounded by disk and not by memory. Only a vat that would not miss
 * its heap is evicted: nobody can call an object that lives only there, it owes
 * nobody an answer, and it waits for none itself.
 */
import harden from '@endo/harden';
import { isPromiseRef, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Deliveries } from './deliveries.ts';
import { ownHeapEntries } from './heap-entries.ts';
import type { ClistEntry } from './store/rows.ts';
import type { VatLife } from './vat-life.ts';
import type { VatRuntime } from './vat-runtimes.ts';

export type Eviction = Readonly<{
  /** One more vat is in memory. */
  onAttached(): void;
  stop(): void;
}>;

/** How many times an idle period is looked at while it lasts. */
const LOOKS = 4;
/** How long vats may be too many before some are put to sleep, in ms. */
const CROWDED_MS = 1000;

export const startEviction = (
  { store, refs, vats, powers, wake }: KernelContext,
  life: VatLife,
  deliveries: Deliveries,
): Eviction => {
  const { idleMs, awakeVats } = powers.limits;
  let cancel = (): void => undefined;
  let cancelCrowded: (() => void) | undefined;

  const isQuiet = (vat: VatRuntime): boolean =>
    vat.state === 'awake' &&
    !vat.held &&
    !vat.turnWanted &&
    !vat.isWaiting &&
    vat.inFlight.length === 0 &&
    store.inbox.size(vat.id) === 0;

  const isNeeded = (vatId: VatId, { kref }: ClistEntry): boolean => {
    if (!isPromiseRef(kref)) {
      return refs.object(kref).reachable > 0;
    }
    const { state, decider, subscribers } = refs.promise(kref);
    return (
      state === 'unresolved' &&
      (decider === vatId || subscribers.includes(vatId))
    );
  };

  /** Whether something that only its heap knows is still needed. */
  const needsHeap = (vatId: VatId): boolean => {
    for (const page of ownHeapEntries(store, vatId)) {
      if (page.some((entry) => isNeeded(vatId, entry))) {
        return true;
      }
    }
    return false;
  };

  // The deliveries that vats had had when their heaps were found to be needed:
  // without another one that has not changed.
  const needed = new WeakMap<VatRuntime, number>();

  /** Whether it sleeps now, or will soon; not if somebody would miss its heap. */
  const putToSleep = (vat: VatRuntime): boolean => {
    if (vat.sinceCollection > 0 || store.gcActions.size(vat.id) > 0) {
      // First it says what it no longer needs; the next look may find it free.
      deliveries.collect(vat);
      wake(vat.id);
      return true;
    }
    if (needed.get(vat) === vat.deliveries || needsHeap(vat.id)) {
      needed.set(vat, vat.deliveries);
      return false;
    }
    life.restart(vat.id, 'it was idle');
    return true;
  };

  const quietVats = (): VatRuntime[] =>
    [...vats.hosts].flatMap((host) => [...host.vats.values()]).filter(isQuiet);

  const look = (): void => {
    const now = powers.now();
    for (const vat of quietVats()) {
      if (now - vat.activeAt >= idleMs) {
        putToSleep(vat);
      }
    }
    cancel = powers.after(Math.ceil(idleMs / LOOKS), look);
  };
  cancel = powers.after(Math.ceil(idleMs / LOOKS), look);

  const tooMany = (): number => {
    let awake = 0;
    for (const host of vats.hosts) {
      awake += host.vats.size;
    }
    return awake - awakeVats;
  };

  /** Those that were quiet for longest; as often as it takes. */
  const relieve = (): void => {
    cancelCrowded = undefined;
    let excess = tooMany();
    for (const vat of quietVats().sort((a, b) => a.activeAt - b.activeAt)) {
      if (excess <= 0) {
        break;
      }
      excess -= putToSleep(vat) ? 1 : 0;
    }
    onAttached();
  };

  const onAttached = (): void => {
    if (cancelCrowded === undefined && tooMany() > 0) {
      cancelCrowded = powers.after(CROWDED_MS, relieve);
    }
  };

  return harden({
    onAttached,
    stop: () => {
      cancel();
      cancelCrowded?.();
    },
  });
};
