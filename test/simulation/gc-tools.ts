/**
 * The engine's collector for liveslots, made repeatable: what a vat has dropped
 * is noticed when it is asked for its dead objects, always and completely, and
 * never before: the engine collects when it pleases, and what a vat then gets
 * again may have another name than what it has kept.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makeSharedRegistry, type GcTools } from '@ocap/kernel/vat';
import { microtasksDone } from './scheduler.ts';

setFlagsFromString('--expose-gc');
// What code that waits still holds on to depends on how far it is optimized,
// and that on what else the machine does.
setFlagsFromString('--no-opt');
setFlagsFromString('--no-maglev');
const collect = runInNewContext('gc') as () => void;

/** Turns to wait for the finalizers at most. */
const ROUNDS = 2;
const TURNS = 1000;

const FinalizationRegistry = makeSharedRegistry();
/** Told in the same turn as what a collection has found for the vats. */
const witnesses = new FinalizationRegistry<() => void>((tell) => tell());

/** Lets go of what it refers to only while `collect` looks. */
const HoldingRef = class<Target extends WeakKey> {
  readonly [Symbol.toStringTag] = 'WeakRef';
  readonly weak: WeakRef<Target>;
  held: Target | undefined;

  constructor(target: Target) {
    this.weak = new WeakRef(target);
    this.held = target;
    remember(this);
  }

  deref(): Target | undefined {
    return this.held;
  }
};
type Holding = InstanceType<typeof HoldingRef<WeakKey>>;

// Of all vats; those of runs that are over go with them.
let refs: WeakRef<Holding>[] = [];
let mostRefs = 10_000;
const remember = (ref: Holding): void => {
  refs.push(new WeakRef(ref));
  if (refs.length > mostRefs) {
    refs = refs.filter((one) => one.deref() !== undefined);
    mostRefs = 2 * refs.length + 10_000;
  }
};
const collectHeld = (): void => {
  for (const one of refs) {
    const ref = one.deref();
    if (ref !== undefined) ref.held = undefined;
  }
  collect();
  for (const one of refs) {
    const ref = one.deref();
    if (ref !== undefined) ref.held = ref.weak.deref();
  }
};

export const gcTools: GcTools = {
  WeakRef: HoldingRef,
  FinalizationRegistry,
  waitUntilQuiescent: microtasksDone,
  gcAndFinalize: async () => {
    // Twice: what a frame that was just left still held would otherwise be found
    // this time or the next, as the engine pleases.
    for (let round = 0; round < ROUNDS; round += 1) {
      let finalized = false;
      witnesses.register({}, () => {
        finalized = true;
      });
      await microtasksDone();
      collectHeld();
      for (let turn = 0; !finalized && turn < TURNS; turn += 1) {
        await microtasksDone();
      }
    }
  },
};
