/**
 * `harden` as SES has it, made for speed: the same walk over the same objects in
 * the same order, and nothing is marked unless everything was frozen. It takes a
 * third of a delivery in a vat host otherwise. What is saved: a closure, a Set
 * and a map of all descriptors for each call or object; what is hardened
 * already, and small graphs, need none of them.
 *
 * It runs before lockdown and is what SES goes on to use (see `install.ts`), so
 * it keeps its own references to everything that it needs of the platform.
 */
const {
  defineProperty,
  freeze,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  preventExtensions,
} = Object;
const { ownKeys, apply } = Reflect;
const { isView } = ArrayBuffer;
const { isInteger } = Number;
const FeralError = Error;

type Harden = <T>(value: T) => T;

const getTypedArrayTag = getOwnPropertyDescriptor(
  getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as () => string | undefined;

/** A DataView is a view, too, but its elements are no properties. */
const isTypedArray = (value: object): boolean =>
  isView(value) && apply(getTypedArrayTag, value, []) !== undefined;

// In V8 each error has an accessor `stack` of its own, all of them with the same
// getter, which would tell paths of the machine to whoever gets hold of it.
const stackOf = (error: Error) => getOwnPropertyDescriptor(error, 'stack');
const typeError = (): Error => {
  try {
    return (null as unknown as Error[])[0] as Error; // made by the engine itself
  } catch (error) {
    return error as Error;
  }
};
const feralStackGetter = stackOf(typeError())?.get;
if (feralStackGetter !== stackOf(FeralError('any'))?.get) {
  throw TypeError('errors have stacks of several kinds');
}

/** What its getter told becomes an ordinary property. */
const repairStack = (error: Error): void => {
  const found = stackOf(error);
  if (found?.configurable === true && found.get === feralStackGetter) {
    // What is not named stays as it is.
    defineProperty(error, 'stack', {
      value: apply<unknown, readonly [], unknown>(
        feralStackGetter as () => unknown,
        error,
        [],
      ),
    });
  }
};

const isIndex = (key: string | symbol): boolean => {
  const number = +String(key);
  return isInteger(number) && String(number) === key;
};

/** Its elements stay writable, like the contents of a Map: nothing else is possible. */
const freezeTypedArray = (array: object): void => {
  preventExtensions(array);
  for (const key of ownKeys(array)) {
    if (!isIndex(key)) {
      defineProperty(array, key, {
        ...getOwnPropertyDescriptor(array, key),
        writable: false,
        configurable: false,
      });
    }
  }
};

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Objects up to which looking through a list is faster than a Set. */
const FEW = 16;

export const makeHardener = (): Harden => {
  const hardened = new WeakSet();

  const harden: Harden = (root) => {
    if (!isObject(root) || hardened.has(root)) {
      return root;
    }
    // In the order in which they are found, and worked off in that order.
    const found: object[] = [root];
    let known: Set<object> | undefined;

    const find = (value: unknown): void => {
      if (!isObject(value) || hardened.has(value)) {
        return;
      }
      if (known !== undefined) {
        if (known.has(value)) {
          return;
        }
        known.add(value);
      } else {
        for (let i = 0; i < found.length; i += 1) {
          if (found[i] === value) {
            return;
          }
        }
        if (found.length === FEW) {
          known = new Set(found);
          known.add(value);
        }
      }
      found[found.length] = value;
    };

    for (let i = 0; i < found.length; i += 1) {
      const object = found[i] as object;
      if (feralStackGetter !== undefined && object instanceof FeralError) {
        repairStack(object);
      }
      // Frozen first: what a proxy says afterwards it must stand by.
      if (isTypedArray(object)) {
        freezeTypedArray(object);
      } else {
        freeze(object);
      }
      const children: unknown[] = [];
      for (const key of ownKeys(object)) {
        const descriptor = getOwnPropertyDescriptor(object, key);
        if (descriptor === undefined) {
          continue;
        }
        if (hasOwn(descriptor, 'value')) {
          if (isObject(descriptor.value)) {
            children[children.length] = descriptor.value;
          }
        } else {
          children[children.length] = descriptor.get;
          children[children.length] = descriptor.set;
        }
      }
      find(getPrototypeOf(object));
      for (let j = 0; j < children.length; j += 1) {
        find(children[j]);
      }
    }
    // Only now: whatever was thrown until here leaves nothing marked.
    for (let i = 0; i < found.length; i += 1) {
      hardened.add(found[i] as object);
    }
    return root;
  };
  return harden;
};
