/** All that can be seen of a graph of objects, as data that two graphs can be compared by. */

/** Numbers instead of identities, in the order in which they are met. */
export const portrait = (roots: readonly unknown[]): readonly unknown[] => {
  const numbers = new Map<object, number>();
  const queue: object[] = [];
  const name = (value: unknown): unknown => {
    if (
      (typeof value !== 'object' || value === null) &&
      typeof value !== 'function'
    ) {
      return typeof value === 'symbol'
        ? value.toString()
        : [typeof value, value];
    }
    if (shared.has(value)) return `shared ${shared.get(value)}`;
    let number = numbers.get(value);
    if (number === undefined) {
      number = queue.push(value);
      numbers.set(value, number);
    }
    return `object ${number}`;
  };
  const seen: unknown[] = roots.map(name);
  for (const object of queue) seen.push(look(object, name));
  return seen;
};

const look = (object: object, name: (value: unknown) => unknown): unknown => {
  try {
    const about: unknown[] = [
      typeof object,
      Object.isExtensible(object),
      name(Object.getPrototypeOf(object)),
    ];
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(
        object,
        key,
      ) ?? { value: 'none' };
      // The lines of a stack are those of the two tests that made it.
      const told =
        key === 'stack' && typeof value === 'string'
          ? value.split('\n')[0]
          : value;
      about.push([String(key), name(told), name(get), name(set), flags]);
    }
    return about;
  } catch (error) {
    return String(error);
  }
};

/** What both graphs have in common: the platform's own. */
const shared = new Map<object, string>();
const share = (label: string, value: unknown): void => {
  if (
    ((typeof value !== 'object' || value === null) &&
      typeof value !== 'function') ||
    shared.has(value)
  ) {
    return;
  }
  shared.set(value, label);
  for (const key of Reflect.ownKeys(value)) {
    const found = Object.getOwnPropertyDescriptor(value, key);
    for (const part of [found?.value, found?.get, found?.set]) {
      share(`${label}.${String(key)}`, part);
    }
  }
  share(`${label}.__proto__`, Object.getPrototypeOf(value));
};
for (const name of [
  'Object',
  'Function',
  'Array',
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'AggregateError',
  'Map',
  'Set',
  'WeakMap',
  'Date',
  'RegExp',
  'Promise',
  'ArrayBuffer',
  'DataView',
  'Uint8Array',
  'Int8Array',
  'Float64Array',
  'BigInt64Array',
  'Buffer',
  'String',
  'BigInt',
  'Symbol',
  'Intl',
  'queueMicrotask',
]) {
  share(name, (globalThis as Record<string, unknown>)[name]);
}
share(
  'generator',
  Object.getPrototypeOf(function* f() {}),
);
share(
  'async generator',
  Object.getPrototypeOf(async function* f() {}),
);
share(
  'async function',
  Object.getPrototypeOf(async () => undefined),
);
share('array iterator', Object.getPrototypeOf([].values()));
share(
  'stack of errors',
  Object.getOwnPropertyDescriptor(Error('x'), 'stack')?.get,
);
share(
  'stack of errors, set',
  Object.getOwnPropertyDescriptor(Error('x'), 'stack')?.set,
);
