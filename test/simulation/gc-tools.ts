/**
 * The engine's collector for liveslots, made repeatable: what a vat has dropped
 * is noticed when it is asked for its dead objects, always and completely.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { GcTools } from '@ocap/kernel/vat';
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

// One registry for all vats: what a collection has found is then finalized in
// one task, and a witness that is among it tells when that has run.
const registry = new FinalizationRegistry<() => void>((tell) => tell());

const SharedRegistry = class {
  readonly [Symbol.toStringTag] = 'FinalizationRegistry';
  readonly callback: (held: unknown) => void;

  constructor(callback: (held: unknown) => void) {
    this.callback = callback;
  }

  register(target: WeakKey, held: unknown, token?: WeakKey): void {
    // What is registered keeps no vat alive that is gone.
    const self = new WeakRef(this);
    const tell = (): void => self.deref()?.callback(held);
    registry.register(target, tell, token);
  }

  unregister(token: WeakKey): boolean {
    return registry.unregister(token);
  }
};

export const gcTools: GcTools = {
  WeakRef,
  FinalizationRegistry: SharedRegistry as typeof FinalizationRegistry,
  waitUntilQuiescent: microtasksDone,
  gcAndFinalize: async () => {
    // Twice: what a frame that was just left still held would otherwise be found
    // this time or the next, as the engine pleases.
    for (let round = 0; round < ROUNDS; round += 1) {
      let finalized = false;
      registry.register({}, () => {
        finalized = true;
      });
      await microtasksDone();
      collect();
      for (let turn = 0; !finalized && turn < TURNS; turn += 1) {
        await microtasksDone();
      }
    }
  },
};
