/**
 * The second phase: clients call, and everything that can fail does, as the
 * seed has it.
 */
import type { Kernel } from '@ocap/kernel';
import { isVatId, OcapError } from '@ocap/kernel-utils';
import type { Banks } from './launch-banks.ts';
import { makeWorkload } from './workload.ts';
import type { World } from './world.ts';

const AUDIT_EVERY = 10;
/** A call makes about eight events; more would only pile up. */
const CALL_ONE_IN = 8;

export const rain = async (
  world: World,
  banks: Banks,
  { steps, collects }: Readonly<{ steps: number; collects: boolean }>,
): Promise<void> => {
  const { scheduler, clients, checks, daemon, oneIn, problem } = world;
  const nextCall = makeWorkload(world.random, banks);
  const occasions = occasionsIn(world, banks, collects);
  world.setFaults(true);
  clients.connectAll();
  for (let step = 1; step <= steps && problem() === undefined; step += 1) {
    if (oneIn(CALL_ONE_IN)) {
      clients.issue(nextCall);
    }
    for (const { name, times, act } of occasions) {
      if (oneIn(times)) {
        world.count(name);
        await act();
      }
    }
    if (daemon.kernel() === undefined) {
      await daemon.boot();
    } else if (oneIn(3)) {
      clients.connectAll();
    }
    await scheduler.step(false);
    if (step % AUDIT_EVERY === 0) {
      checks.audit(daemon.kernel());
    }
  }
  world.setFaults(false);
};

type Occasion = Readonly<{
  name: string;
  /** It comes once in so many steps. */
  times: number;
  act: () => void | Promise<void>;
}>;

const occasionsIn = (
  { daemon, hosts, clients, random, trace, report }: World,
  banks: Banks,
  collects: boolean,
): readonly Occasion[] => {
  const guests: { id: string; subclusterId: string }[] = [];

  /** What an operator asks may fail for every good reason, but for no bad one. */
  const operate =
    (what: string, act: (kernel: Kernel) => Promise<unknown>) => (): void => {
      const kernel = daemon.kernel();
      if (kernel !== undefined) {
        trace.note(`the operator: ${what}`);
        act(kernel).catch((error: unknown) => {
          trace.note(`the operator was told: ${String(error)}`);
          if (!(error instanceof OcapError) || error.code === 'INVARIANT') {
            report(`${what} failed: ${String(error)}`);
          }
        });
      }
    };
  const anyVat = (kernel: Kernel): string =>
    random.pick(kernel.getStatus().vats).id;

  const launchGuest = async (kernel: Kernel): Promise<void> => {
    const { rootKref, subclusterId, vats } = await kernel.launchSubcluster({
      bootstrap: 'guest',
      vats: {
        guest: {
          bundleSpec: 'simulated',
          parameters: { purses: 1, money: 0, padding: 0 },
          placement: random.pick(['own', 'subcluster', 'shared'] as const),
        },
      },
    });
    guests.push({ id: String(vats['guest']), subclusterId });
    const roots = banks.map(({ name }) => ({ '@ref': name }));
    const purse = { '@ref': random.pick(random.pick(banks).purses) };
    await kernel.queueMessage(rootKref, 'visit', [roots, purse]);
  };
  const endGuest = async (kernel: Kernel): Promise<void> => {
    const guest = guests.shift();
    if (guest !== undefined && isVatId(guest.id)) {
      await (random.integer(0, 1) === 0
        ? kernel.terminateVat(guest.id)
        : kernel.terminateSubcluster(guest.subclusterId));
    }
  };
  const upgrade = async (kernel: Kernel): Promise<unknown> =>
    kernel.upgradeVat(anyVat(kernel), { bundleSpec: 'simulated' });

  const occasions: readonly Occasion[] = [
    { name: 'crashes', times: 90, act: () => daemon.crash('it was struck') },
    { name: 'stops', times: 250, act: daemon.stop },
    {
      name: 'dead hosts',
      times: 50,
      act: () => trace.note(`${hosts.killOne()} is struck`),
    },
    {
      name: 'mute hosts',
      times: 120,
      act: () => trace.note(`${hosts.muteOne()} goes mute`),
    },
    {
      name: 'lost connections',
      times: 60,
      act: () => trace.note(`${clients.disconnectOne()} loses its connection`),
    },
    {
      name: 'guests',
      times: 100,
      act: operate('launches a guest', launchGuest),
    },
    { name: 'ended guests', times: 90, act: operate('ends a guest', endGuest) },
    {
      name: 'restarts',
      times: 100,
      act: operate('restarts a vat', async (k) => k.restartVat(anyVat(k))),
    },
    {
      name: 'pings',
      times: 60,
      act: operate('pings a vat', async (k) => k.pingVat(anyVat(k))),
    },
    { name: 'upgrades', times: 200, act: operate('upgrades a vat', upgrade) },
    {
      name: 'collections',
      times: 60,
      act: operate('collects', async (k) => k.collectGarbage()),
    },
  ];
  return collects
    ? occasions
    : occasions.filter(({ name }) => name !== 'collections');
};
