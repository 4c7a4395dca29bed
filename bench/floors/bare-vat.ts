/**
 * A vat with nothing around it: liveslots over a Map, in this process. What a
 * kernel, a disk and a wall between processes cost shows by comparison.
 */
import { makeLiveSlots } from '@agoric/swingset-liveslots';
import * as eventualSend from '@endo/eventual-send';
import * as defaultExo from '@ocap/kernel-utils/exo';

type CapData = Readonly<{ body: string; slots: readonly string[] }>;
type Resolution = readonly [promise: string, rejected: boolean, data: CapData];

export type Delivery =
  | readonly ['startVat', CapData]
  | readonly [
      'message',
      string,
      Readonly<{ methargs: CapData; result: string }>,
    ]
  | readonly ['notify', readonly Resolution[]];

/** Of what a vat says, what another must hear. */
export type Syscall =
  | readonly ['send', target: string, CapData, result: string]
  | readonly ['resolve', readonly Resolution[]];

export type BareVat = Readonly<{
  deliver(delivery: Delivery): Promise<readonly Syscall[]>;
}>;

type Dispatch = (delivery: Delivery) => Promise<unknown>;

/** `code` is the code of a bundle. Returns the vat started. */
export const startBareVat = async (code: string): Promise<BareVat> => {
  let syscalls: Syscall[] = [];
  const ignored = (): void => undefined;
  const { dispatch } = makeLiveSlots(
    harden({
      send: (target: string, methargs: CapData, result: string) =>
        void syscalls.push(['send', target, methargs, result]),
      resolve: (resolutions: readonly Resolution[]) =>
        void syscalls.push(['resolve', resolutions]),
      subscribe: ignored,
      exit: ignored,
      dropImports: ignored,
      retireImports: ignored,
      retireExports: ignored,
      abandonExports: ignored,
      ...makeMemoryVatstore(),
    }),
    'bare',
    harden({}),
    {},
    gcTools,
    console,
    async (globals: object, inescapable: object) =>
      evaluate(code, { ...globals, ...inescapable, console, assert }),
  ) as { dispatch: Dispatch };
  await dispatch(['startVat', { body: '#{}', slots: [] }]);
  return {
    deliver: async (delivery) => {
      syscalls = [];
      await dispatch(delivery);
      insistNoRejection(syscalls);
      return syscalls;
    },
  };
};

/** A floor that fails fast would be no floor. */
const insistNoRejection = (syscalls: readonly Syscall[]): void => {
  for (const [kind, resolutions] of syscalls) {
    if (kind !== 'resolve') continue;
    const rejection = resolutions.find(([, rejected]) => rejected);
    if (rejection) throw Error(`a bare vat rejects: ${rejection[2].body}`);
  }
};

/** Its keys are sorted only when somebody iterates, which a counter does not. */
const makeMemoryVatstore = () => {
  const values = new Map<string, string>();
  return {
    vatstoreGet: (key: string) => values.get(key),
    vatstoreGetNextKey: (prior: string) =>
      [...values.keys()].sort().find((key) => key > prior),
    vatstoreSet: (key: string, value: string) => void values.set(key, value),
    vatstoreDelete: (key: string) => void values.delete(key),
  };
};

const modules = harden({
  '@endo/eventual-send': { ...eventualSend },
  '@ocap/kernel-utils/exo': { ...defaultExo },
});

const evaluate = (code: string, globals: object): object => {
  const compartment = new Compartment({ globals, __options__: true });
  const run = compartment.evaluate(
    `(function (__hostModules__) { ${code}\n; return __vatExports__; })`,
  ) as (given: typeof modules) => object;
  return run(modules);
};

const nextTurn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

const gcTools = harden({
  WeakRef,
  FinalizationRegistry,
  waitUntilQuiescent: nextTurn,
  gcAndFinalize: nextTurn,
  meterControl: {
    isMetered: () => false,
    assertIsMetered: () => undefined,
    assertNotMetered: () => undefined,
    runWithoutMetering: (thunk: () => unknown) => thunk(),
    runWithoutMeteringAsync: async (thunk: () => unknown) => thunk(),
    unmetered: (body: (...args: unknown[]) => unknown) => body,
  },
});
