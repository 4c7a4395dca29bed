/**
 * Globals of the platform that a vat gets as they are, hardened. What no
 * property leads to, but what they hand out, is hardened, too: the prototypes
 * of iterators and of the platform's own errors. Otherwise vats of one host
 * could leave each other word there.
 */
import harden from '@endo/harden';

/** Uses that fail, one for each kind of error that these globals can throw. */
const failures: readonly (() => unknown)[] = [
  () => new TextDecoder('nonsense'),
  () => new TextDecoder('utf-8', 5 as never),
  () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])),
  () => new TextDecoder().decode(5 as never),
  () => Reflect.apply(TextDecoder.prototype.decode, {}, []),
  () => Reflect.construct(URL, []),
  () => new URL('nonsense'),
  () => {
    new URL('http://a.example').href = 'nonsense';
  },
  () => new URLSearchParams([['a']]),
  () => new URLSearchParams({ [Symbol.iterator]: 5 } as never),
  () => Reflect.apply(URLSearchParams.prototype.has, {}, []),
  () => atob('%'),
];

const hardenHandedOut = (): void => {
  harden(URLSearchParams); // of a URL, also where the vat did not ask for it
  harden(Object.getPrototypeOf(new URLSearchParams().entries()));
  for (const fails of failures) {
    try {
      fails();
    } catch (error) {
      harden(Object.getPrototypeOf(error));
    }
  }
};

let isHardened = false;

export const hostGlobal = (name: string): unknown => {
  if (!isHardened) {
    isHardened = true;
    hardenHandedOut();
  }
  return harden((globalThis as Record<string, unknown>)[name]);
};
