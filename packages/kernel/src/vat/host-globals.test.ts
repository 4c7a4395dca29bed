import 'ses';
import '@endo/eventual-send/shim.js';
import { expect, it } from 'vitest';

lockdown({
  errorTaming: 'unsafe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe',
});
const { hostGlobal } = await import('./host-globals.ts');

const names = [
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
];

/** What the functions of these globals might not expect. */
const oddities: readonly unknown[] = [
  undefined,
  null,
  5,
  10n,
  '',
  'x',
  '\u0100',
  'utf-8',
  Symbol('s'),
  {},
  { fatal: true },
  { [Symbol.iterator]: 5 },
  [],
  [1],
  [[1]],
  () => 1,
  new Uint8Array([255]),
  new URL('http://a.example/?b=1'),
];

type Function = (...args: never[]) => unknown;

/** The functions that properties of it hold, and itself. */
const functionsOf = (value: object): Function[] =>
  Reflect.ownKeys(value)
    .filter((key) => key !== 'constructor')
    .flatMap((key) => {
      const found = Object.getOwnPropertyDescriptor(value, key);
      return [found?.value, found?.get, found?.set];
    })
    .filter((found): found is Function => typeof found === 'function');

it('whatever globals of the platform return or throw stands on frozen prototypes', () => {
  const thawed = new Set<string>();
  const look = (value: unknown, from: string): void => {
    const isThing =
      typeof value === 'function' ||
      (typeof value === 'object' && value !== null);
    for (
      let at = isThing ? Object.getPrototypeOf(value) : null;
      at !== null;
      at = Object.getPrototypeOf(at)
    ) {
      if (!Object.isFrozen(at)) thawed.add(`${from}: ${String(value)}`);
    }
  };
  const attempt = (use: () => unknown, from: string): void => {
    try {
      look(use(), from);
    } catch (error) {
      look(error, from);
    }
  };
  let failed = 0;
  for (const name of names) {
    const made = hostGlobal(name) as Function & { prototype?: object };
    const functions = [
      made,
      ...functionsOf(made),
      ...functionsOf(made.prototype ?? {}),
    ];
    const receivers: unknown[] = [undefined, {}];
    for (const args of [
      [],
      ['http://a.example/?b=1'],
      ['utf-8', { fatal: true }],
    ]) {
      try {
        receivers.push(Reflect.construct(made, args));
      } catch {
        failed += 1; // not one that takes these
      }
    }
    const lists = [
      [],
      ...oddities.map((one) => [one]),
      ...oddities.flatMap((one) => oddities.map((two) => [one, two])),
    ];
    for (const called of functions) {
      const from = `${name} ${called.name}`;
      for (const args of lists) {
        attempt(() => Reflect.construct(called, args), from);
        for (const receiver of receivers) {
          attempt(() => Reflect.apply(called, receiver, args), from);
        }
      }
    }
  }
  expect([...thawed]).toStrictEqual([]);
  expect(failed).toBeGreaterThan(0);
});
