/**
 * One registry of the engine for all vats of a host. The engine works off one
 * registry in a turn: with one for each vat, what a collection has found in the
 * last of many would be known many turns after it.
 */
export const makeSharedRegistry = (): typeof FinalizationRegistry => {
  const registry = new FinalizationRegistry<() => void>((tell) => tell());

  const OfVat = class {
    readonly [Symbol.toStringTag] = 'FinalizationRegistry';
    readonly #weak = new WeakRef(this);
    readonly tell: (held: unknown) => void;

    constructor(tell: (held: unknown) => void) {
      this.tell = tell;
    }

    register(target: WeakKey, held: unknown, token?: WeakKey): void {
      // What is registered keeps no vat alive that is gone.
      const self = this.#weak;
      registry.register(target, () => self.deref()?.tell(held), token);
    }

    unregister(token: WeakKey): boolean {
      return registry.unregister(token);
    }
  };

  return OfVat as typeof FinalizationRegistry;
};
