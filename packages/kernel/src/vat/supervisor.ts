/**
 * One vat in a host: its bundle in a Compartment, liveslots around it, and what
 * a delivery did collected into one frame. Nothing that a vat does leaves the
 * host before its delivery is over.
 */
import { makeLiveSlots } from '@agoric/swingset-liveslots';
import harden from '@endo/harden';
import type { CapData, VRef } from '@ocap/kernel-utils';
import { makeCrankRecord } from './crank-record.ts';
import { makeEndowments, type EndowmentPowers } from './endowments.ts';
import { thrownText } from './error-text.ts';
import { forLiveslots } from './for-liveslots.ts';
import type { HostModules } from './host-modules.ts';
import { loadBundle } from './load-bundle.ts';
import type { FetchOutcome } from './fetch-protocol.ts';
import type {
  Delivery,
  DoneFrame,
  LogLevel,
  ReadReply,
  ReadRequest,
  StartFrame,
  VatLimits,
} from './protocol.ts';
import type { StoreCaches } from './store-caches.ts';
import { makeVatConsole, type VatConsole } from './vat-console.ts';
import { makeVatstore } from './vatstore.ts';

/** What liveslots needs of the engine. */
export type GcTools = Readonly<{
  WeakRef: typeof WeakRef;
  FinalizationRegistry: typeof FinalizationRegistry;
  /** Resolves when the promise queue has run empty. */
  waitUntilQuiescent: () => Promise<void>;
  gcAndFinalize: () => Promise<void>;
}>;

export type SupervisorPowers = Readonly<{
  gcTools: GcTools;
  hostModules: HostModules;
  caches: StoreCaches;
  limits: VatLimits;
  read: (request: ReadRequest) => ReadReply;
  log: (level: LogLevel, text: string) => void;
  /** Asks the kernel for a turn of this vat. */
  requestTurn: () => void;
}> &
  EndowmentPowers;

type Outcome = Omit<DoneFrame, 'type' | 'vat' | 'seq'>;

export type Supervisor = Readonly<{
  start(): Promise<Outcome>;
  deliver(
    delivery: Delivery,
    numbers: Readonly<{
      seq: number;
      confirmed: number;
      consoleChars?: number;
    }>,
  ): Promise<Outcome>;
  /** What came of a request of the vat. */
  onFetched(id: number, outcome: FetchOutcome): void;
  /** Nothing of it goes on: no timer fires, no answer comes. */
  stop(): void;
}>;

type Dispatch = (delivery: unknown) => Promise<unknown>;

export const makeSupervisor = (
  start: StartFrame,
  powers: SupervisorPowers,
): Supervisor => {
  const { vat, seq: startSeq, bundle, parameters, globals } = start;
  const { entries, complete } = start;
  const { gcTools, hostModules, caches, read, log, requestTurn } = powers;
  const limits = { ...powers.limits, ...start.limits };
  const vatstore = makeVatstore({ vat, entries, complete, caches, read });
  const crank = makeCrankRecord(limits);
  const endowments = makeEndowments(globals, powers, {
    limits,
    send: crank.addFetch,
    abort: crank.abortFetch,
    requestTurn,
  });
  const consoleKit = makeVatConsole(log, {
    lineChars: limits.consoleLineBytes,
    linesPerDelivery: limits.consoleLinesPerDelivery,
  });
  let methods: readonly string[] = [];

  const syscall = harden({
    send: (target: VRef, methargs: CapData<VRef>, result?: VRef) =>
      crank.add(['send', target, plain(methargs), result ?? null]),
    subscribe: (promise: VRef) => crank.add(['subscribe', promise]),
    resolve: (
      resolutions: readonly (readonly [VRef, boolean, CapData<VRef>])[],
    ) =>
      crank.add([
        'resolve',
        resolutions.map(([p, rejected, data]) => [
          p,
          rejected,
          rejected ? explained(data) : plain(data),
        ]),
      ]),
    exit: (isFailure: boolean, info: CapData<VRef>) => {
      // How liveslots reports a result that is too large to pass on. It is the
      // crank that must not count; there is no need to end the vat.
      if (isFailure && info.body.includes('syscall capdata too large')) {
        crank.note('crankBytes');
        return;
      }
      crank.add(['exit', isFailure, plain(info)]);
    },
    dropImports: (vrefs: readonly VRef[]) => crank.add(['dropImports', vrefs]),
    retireImports: (vrefs: readonly VRef[]) =>
      crank.add(['retireImports', vrefs]),
    retireExports: (vrefs: readonly VRef[]) =>
      crank.add(['retireExports', vrefs]),
    abandonExports: (vrefs: readonly VRef[]) =>
      crank.add(['abandonExports', vrefs]),
    callNow: () => {
      throw Error('there are no devices');
    },
    vatstoreGet: vatstore.get,
    vatstoreGetNextKey: vatstore.getNextKey,
    vatstoreSet: (key: string, value: string) => {
      crank.count(key.length + value.length);
      vatstore.set(key, value);
    },
    vatstoreDelete: vatstore.delete,
  });

  const buildVatNamespace = async (
    vatGlobals: object,
    inescapable: object,
  ): Promise<object> => {
    const namespace = await loadBundle(bundle, {
      globals: {
        ...vatGlobals,
        ...inescapable,
        ...endowments.globals,
        console: consoleKit.console,
        assert,
        HandledPromise: (globalThis as { HandledPromise?: unknown })
          .HandledPromise,
      },
      hostModules,
    });
    if (typeof namespace['buildRootObject'] !== 'function') {
      throw Error('its bundle does not export a function buildRootObject');
    }
    const build = namespace['buildRootObject'] as (
      ...args: unknown[]
    ) => unknown;
    return harden({
      buildRootObject: async (...args: unknown[]) => {
        const root = await build(...args);
        methods = methodNames(root);
        return root;
      },
    });
  };

  const { dispatch } = makeLiveSlots(
    syscall,
    vat,
    harden({ logger: consoleKit.logger }),
    {},
    { ...gcTools, meterControl },
    liveslotsConsole(consoleKit.console),
    buildVatNamespace,
  ) as { dispatch: Dispatch };

  const run = async (
    delivery: Delivery | readonly ['startVat', CapData<VRef>],
    seq: number,
    consoleChars?: number,
  ): Promise<Outcome> => {
    consoleKit.nextDelivery(consoleChars);
    crank.begin();
    let problem: string | undefined;
    try {
      if (delivery[0] === 'turn') {
        endowments.runDue((error) =>
          consoleKit.console.error('uncaught in a timer:', error),
        );
      }
      await dispatch(forLiveslots(delivery));
    } catch (error) {
      // Only a start lets an error of the vat's own code through.
      problem = thrownText(error);
    }
    const writes = vatstore.takeWrites(seq);
    const { syscalls, exceeded, requests } = crank.end();
    problem = exceeded ?? problem;
    return problem === undefined
      ? {
          syscalls,
          writes,
          ...requests,
          ...(endowments.arePending() ? { waiting: true } : {}),
        }
      : { syscalls: [], writes: [], problem };
  };

  return harden({
    start: async () => {
      const outcome = await run(['startVat', parameters], startSeq);
      return { ...outcome, methods };
    },
    deliver: async (delivery: Delivery, { seq, confirmed, consoleChars }) => {
      vatstore.confirm(confirmed);
      return run(delivery, seq, consoleChars);
    },
    onFetched: endowments.onFetched,
    stop: () => {
      endowments.stop();
      vatstore.close();
    },
  });
};

/**
 * liveslots and marshal report what is quite ordinary, such as an error that
 * goes to a caller: one level lower than they think.
 */
const liveslotsConsole = ({
  debug,
  info,
  warn,
  ...rest
}: VatConsole): VatConsole =>
  harden({ ...rest, debug, log: debug, info: debug, warn: info, error: warn });

/** Without the extras and the freezing of liveslots' own value. */
const plain = ({ body, slots }: CapData<VRef>): CapData<VRef> => ({
  body,
  slots,
});

/** What liveslots says of data beyond its own limits, with the code that the kernel has for it. */
const explained = ({ body, slots }: CapData<VRef>): CapData<VRef> => ({
  body: body.replace(
    '"#error":"syscall capdata too large"',
    '"#error":"It went beyond what one message or value may be: 10000000 characters, 10000 references. (LIMIT_REACHED)"',
  ),
  slots,
});

/** Of a remotable: its own methods and those of its prototype, without the inherited basics. */
const methodNames = (root: unknown): string[] => {
  const names = new Set<string>();
  for (
    let at: unknown = root;
    typeof at === 'object' && at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const [name, { value }] of Object.entries(
      Object.getOwnPropertyDescriptors(at),
    )) {
      if (typeof value === 'function' && name !== 'constructor') {
        names.add(name);
      }
    }
  }
  return [...names].filter((name) => !name.startsWith('__')).sort();
};

/** Nothing is metered: a delivery that does not end is ended from outside. */
const meterControl = harden({
  isMetered: () => false,
  assertIsMetered: () => undefined,
  assertNotMetered: () => undefined,
  runWithoutMetering: (thunk: () => unknown) => thunk(),
  runWithoutMeteringAsync: async (thunk: () => unknown) =>
    Promise.resolve().then(thunk),
  unmetered: (body: (...args: unknown[]) => unknown) => body,
});
