/**
 * Nobody is starved: while one vat spins until it is stopped, again and again,
 * and two others flood each other, a further vat answers every call, in order.
 * Nothing here is timed; how long others wait is measured by the score.
 */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RpcError } from '@ocap/nodejs/client';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import {
  openClient,
  startDaemonOf,
  type DaemonClient,
} from '../support/daemon-client.ts';
import { openHome, type Home } from '../support/home.ts';

/** Long enough for a start on a machine that is busy with other things. */
const SPIN_MS = 2000;
const SPINS = 3;
const spinner = vatSource(
  `return makeDefaultExo('Spinner', { spin: () => { for (;;); } });`,
);

/** What goes to and fro without end, and what is sent along with each of them. */
const TOKENS = 5;
const NOISE = 20;
/** A token comes after its noise, so the flood goes on without growing: about 200 wait for both. */
const MAX_WAITING = 500;
const flooder = vatSource(`
  let seen = 0;
  const root = makeDefaultExo('Flooder', {
    bounce: (other) => {
      seen += 1;
      for (let i = 0; i < ${NOISE}; i += 1) E(other).noise(seen);
      E(other).bounce(root);
    },
    noise: () => { seen += 1; },
    seen: () => seen,
    wait: () => new Promise(() => {}),
  });
  return root;`);

const clerk = vatSource(`
  if (!baggage.has('count')) baggage.init('count', 0);
  let others;
  return makeDefaultExo('Clerk', {
    bootstrap: (vats) => { others = vats; },
    other: (name) => others[name],
    next: () => {
      baggage.set('count', baggage.get('count') + 1);
      return baggage.get('count');
    },
  });`);

type Placement = 'own' | 'subcluster';

const launch = async (
  client: DaemonClient,
  bootstrap: string,
  vats: object,
): Promise<string> => {
  const params = { config: { bootstrap, vats } } as never;
  const launched = await client.rpc('launchSubcluster', params);
  return (launched as { rootKref: string }).rootKref;
};

type Town = Readonly<Record<'clerk' | 'left' | 'right' | 'spinner', string>>;

/** Only the vat that spins is always alone in its process: it is the processes that are stopped. */
const launchTown = async (
  client: DaemonClient,
  placement: Placement,
): Promise<Town> => {
  const root = await launch(client, 'clerk', {
    clerk: { bundleSpec: clerk, placement },
    left: { bundleSpec: flooder, placement },
    right: { bundleSpec: flooder, placement },
  });
  const other = async (name: string): Promise<string> =>
    (await client.send(root, 'other', [name])).slots[0] ?? '';
  const limits = { deliveryMs: SPIN_MS };
  return {
    clerk: root,
    left: await other('left'),
    right: await other('right'),
    spinner: await launch(client, 'spinner', {
      spinner: { bundleSpec: spinner, placement: 'own', limits },
    }),
  };
};

type Vat = Readonly<{
  id: string;
  name: string;
  state: string;
  inbox: number;
  host?: Readonly<{ pid: number }>;
}>;

const statusOf = async (
  client: DaemonClient,
): Promise<(name: keyof Town) => Vat> => {
  const { vats } = (await client.rpc('getStatus')) as { vats: readonly Vat[] };
  return (name) => {
    const found = vats.find((vat) => vat.name === name);
    if (found === undefined) throw new Error(`There is no vat ${name}.`);
    return found;
  };
};

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    (value) => `answered with ${JSON.stringify(value)}`,
    (thrown: unknown) =>
      thrown instanceof RpcError
        ? (thrown.data as { code: string }).code
        : String(thrown),
  );

/** Has it spin anew as soon as it was stopped, until it is told something else; `told` grows. */
const spinOnAndOn = async (
  client: DaemonClient,
  kref: string,
  told: string[],
): Promise<void> => {
  do {
    told.push(await codeOf(client.call(kref, 'spin')));
  } while (told.at(-1) === 'LIMIT_DEADLINE');
};

const BATCH = 20;

/** So many calls of each client at once: what they were answered. */
const callClerk = async (
  clients: readonly DaemonClient[],
  kref: string,
): Promise<readonly (readonly number[])[]> =>
  Promise.all(
    clients.map(async (client) =>
      Promise.all(
        Array.from(
          { length: BATCH },
          async () => (await client.call(kref, 'next')) as number,
        ),
      ),
    ),
  );

const ascending = (numbers: readonly number[]): number[] =>
  numbers.toSorted((a, b) => a - b);

// Not in the test itself: what it has started ends also if it takes too long.
let home: Home;
let clients: readonly [DaemonClient, DaemonClient];
beforeEach(async () => {
  home = await openHome();
  await startDaemonOf(home);
  clients = [openClient(home), openClient(home)];
});
afterEach(async () => {
  clients.forEach(({ close }) => close());
  await home.close();
});

it.for<Placement>(['own', 'subcluster'])(
  'while a vat spins and two flood each other, a further one answers all calls in order, and all get on (placement: %s)',
  async (placement, { signal }) => {
    const [client] = clients;
    const town = await launchTown(client, placement);
    const begun = await statusOf(client);
    expect(begun('clerk').host?.pid === begun('left').host?.pid).toBe(
      placement === 'subcluster',
    );
    const seen = async (): Promise<number> =>
      Number(await client.call(town.left, 'seen')) +
      Number(await client.call(town.right, 'seen'));

    const waiting = codeOf(client.call(town.left, 'wait'));
    for (let token = 0; token < TOKENS; token += 1) {
      await client.call(town.left, 'bounce', { '@ref': town.right });
    }
    const told: string[] = [];
    const spinning = spinOnAndOn(client, town.spinner, told);

    let calls = 0;
    let flooded = 0;
    for (let spin = 1; spin <= SPINS; spin += 1) {
      const before = flooded;
      do {
        signal.throwIfAborted();
        const answers = await callClerk(clients, town.clerk);
        for (const numbers of answers) {
          expect(numbers).toStrictEqual(ascending(numbers));
        }
        expect(ascending(answers.flat())).toStrictEqual(
          Array.from({ length: 2 * BATCH }, (_, at) => calls + at + 1),
        );
        calls += 2 * BATCH;
        const vat = await statusOf(client);
        expect(vat('left').inbox + vat('right').inbox).toBeLessThanOrEqual(
          MAX_WAITING,
        );
        // Those who flood are answered as well.
        flooded = await seen();
      } while (told.length < spin);
      expect(flooded).toBeGreaterThan(before);
    }

    // The flood goes on and on. All three are ended by an operator.
    await vi.waitFor(async () => {
      expect(await seen()).toBeGreaterThan(flooded);
      expect((await statusOf(client))('spinner').state).toBe('busy');
    }, 20_000);
    for (const name of ['left', 'right', 'spinner'] as const) {
      await client.rpc('terminateVat', { id: begun(name).id });
    }
    await spinning;
    expect(new Set(told.slice(0, -1))).toStrictEqual(
      new Set(['LIMIT_DEADLINE']),
    );
    // The one that it spun in; or the next, if that had just been stopped.
    expect(['VAT_TERMINATED', 'OBJECT_GONE']).toContain(told.at(-1));
    expect(await waiting).toBe('VAT_TERMINATED');

    expect(await client.call(town.clerk, 'next')).toBe(calls + 1);
    expect(await client.rpc('audit')).toMatchObject({ ok: true });
  },
);
