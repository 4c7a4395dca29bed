import 'ses';
import '@endo/eventual-send/shim.js';
import { expect, it } from 'vitest';

lockdown({
  errorTaming: 'unsafe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe',
});
const { makeHostModules } = await import('./host-modules.ts');

/** Everything that can be reached from a value by properties and prototypes. */
const reachable = (root: object): Map<object, string> => {
  const paths = new Map<object, string>([[root, '']]);
  for (const [value, path] of paths) {
    const visit = (next: unknown, step: string): void => {
      const isReference =
        (typeof next === 'object' && next !== null) ||
        typeof next === 'function';
      if (isReference && !paths.has(next)) {
        paths.set(next, `${path}${step}`);
      }
    };
    visit(Object.getPrototypeOf(value), '.[[Prototype]]');
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      visit(property?.value, `.${String(key)}`);
      visit(property?.get, `.get ${String(key)}`);
      visit(property?.set, `.set ${String(key)}`);
    }
  }
  return paths;
};

it('hands vats nothing that one of them could change', () => {
  const thawed = [...reachable(makeHostModules())]
    .filter(([value]) => !Object.isFrozen(value))
    .map(([, path]) => path);
  expect(thawed).toStrictEqual([]);
});

it('hands vats no collection that is shared by all of them', () => {
  const collections = [...reachable(makeHostModules())]
    .filter(
      ([value]) =>
        value instanceof Map ||
        value instanceof Set ||
        value instanceof WeakMap ||
        value instanceof WeakSet ||
        value instanceof ArrayBuffer ||
        ArrayBuffer.isView(value),
    )
    .map(([, path]) => path);
  expect(collections).toStrictEqual([]);
});

it('gives the same values to every caller, so that there is nothing to tell vats apart by', () => {
  const [one, two] = [makeHostModules(), makeHostModules()];
  for (const name of Object.keys(one)) {
    expect(Object.keys(one[name] ?? {})).toStrictEqual(
      Object.keys(two[name] ?? {}),
    );
  }
});
