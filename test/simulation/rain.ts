/**
 * The second phase: clients call, and everything that can fail does, as the
 * seed has it.
 */
import type { Kernel } from '@ocap/kernel';
import { isVatId, OcapError } from '@ocap/kernel-utils';
import type { Banks } from './launch-banks.ts';
import type { SimKernel } from './sim-kernel.ts';
import { makeWorkload } from './workload.ts';
import type { World } from './world.ts';

const AUDIT_EVERY = 10;
/** A call makes about eight events within a kernel; more would only pile up. */
const CALL_ONE_IN = 8;
/** And more between kernels. */
const CALL_ONE_IN_BETWEEN = 12;
/** Of how many steps a kernel comes back in one: the others notice that it is not there. */
const BOOT_ONE_IN = 6;

export const rain = async (
  world: World,
  banks: Banks,
  { steps, collects }: Readonly<{ steps: number; collects: boolean }>,
): Promise<void> => {
  const { random, scheduler, kernels, checks, oneIn, problem } = world;
  const nextCall = makeWorkload(random, banks);
  const occasions = occasionsIn(world, banks, collects);
  const isAlone = kernels.length === 1;
  const callOneIn = isAlone ? CALL_ONE_IN : CALL_ONE_IN_BETWEEN;
  world.setFaults(true);
  kernels.forEach(({ clients }) => clients.connectAll());
  for (let step = 1; step <= steps && problem() === undefined; step += 1) {
    if (oneIn(callOneIn)) {
      const kernel = random.pick(kernels);
      kernel.clients.issue(nextCall(kernel));
    }
    for (const { name, times, act } of occasions) {
      if (oneIn(times)) {
        world.count(name);
        await act(random.pick(kernels));
      }
    }
    for (const { running, daemon, clients } of kernels) {
      if (running() === undefined && (isAlone || oneIn(BOOT_ONE_IN))) {
        await daemon.boot();
      } else if (oneIn(3)) {
        clients.connectAll();
      }
    }
    await scheduler.step(false);
    if (step % AUDIT_EVERY === 0) {
      checks.audit();
    }
  }
  world.setFaults(false);
  kernels.forEach(({ daemon }) => daemon.fillDisk(false));
};

type Occasion = Readonly<{
  name: string;
  /** It comes once in so many steps. */
  times: number;
  act: (at: SimKernel) => void | Promise<void>;
}>;

const occasionsIn = (
  world: World,
  banks: Banks,
  collects: boolean,
): readonly Occasion[] => {
  const { network, kernels, trace } = world;
  const ofKernel: readonly Occasion[] = [
    {
      name: 'crashes',
      times: 90,
      act: ({ daemon, running }) => {
        if (running() !== undefined) daemon.crash('it was struck');
      },
    },
    {
      name: 'full disks',
      times: 150,
      act: ({ daemon }) => daemon.fillDisk(true),
    },
    {
      name: 'freed disks',
      times: 25,
      act: ({ daemon }) => daemon.fillDisk(false),
    },
    { name: 'stops', times: 250, act: ({ daemon }) => daemon.stop() },
    {
      name: 'dead hosts',
      times: 50,
      act: ({ hosts }) => trace.note(`${hosts.killOne()} is struck`),
    },
    {
      name: 'mute hosts',
      times: 120,
      act: ({ hosts }) => trace.note(`${hosts.muteOne()} goes mute`),
    },
    {
      name: 'lost connections',
      times: 60,
      act: ({ clients }) =>
        trace.note(`${clients.disconnectOne()} loses its connection`),
    },
    ...operationsIn(world, banks, collects),
  ];
  const between: readonly Occasion[] = [
    {
      name: 'broken links',
      times: 50,
      act: () => trace.note(`a link of ${network.breakOne()} is struck`),
    },
    {
      name: 'partitions',
      times: 120,
      act: () => trace.note(`${network.separateTwo()} are apart`),
    },
  ];
  return kernels.length === 1 ? ofKernel : [...ofKernel, ...between];
};

/** What an operator does. */
const operationsIn = (
  { random, trace, report }: World,
  banks: Banks,
  collects: boolean,
): readonly Occasion[] => {
  const guests = new Map<SimKernel, { id: string; subclusterId: string }[]>();

  /** What an operator asks may fail for every good reason, but for no bad one. */
  const operate =
    (what: string, act: (kernel: Kernel, at: SimKernel) => Promise<unknown>) =>
    (at: SimKernel): void => {
      const kernel = at.running();
      if (kernel !== undefined) {
        trace.note(`the operator of ${at.name}: ${what}`);
        act(kernel, at).catch((error: unknown) => {
          trace.note(`the operator was told: ${String(error)}`);
          if (!(error instanceof OcapError) || error.code === 'INVARIANT') {
            report(`${at.name}: ${what} failed: ${String(error)}`);
          }
        });
      }
    };
  const anyVat = (kernel: Kernel): string =>
    random.pick(kernel.getStatus().vats).id;

  const launchGuest = async (kernel: Kernel, at: SimKernel): Promise<void> => {
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
    const here = guests.get(at) ?? [];
    guests.set(at, [...here, { id: String(vats['guest']), subclusterId }]);
    const roots = banks.map(({ name }) => ({ '@ref': name }));
    const known = random
      .pick(banks)
      .purses.filter(({ knownTo }) => knownTo.has(at));
    const purse = { '@ref': random.pick(known).name };
    await kernel.queueMessage(rootKref, 'visit', [roots, purse]);
  };
  const endGuest = async (kernel: Kernel, at: SimKernel): Promise<void> => {
    const guest = guests.get(at)?.shift();
    if (guest !== undefined && isVatId(guest.id)) {
      await (random.integer(0, 1) === 0
        ? kernel.terminateVat(guest.id)
        : kernel.terminateSubcluster(guest.subclusterId));
    }
  };
  const upgrade = async (kernel: Kernel): Promise<unknown> =>
    kernel.upgradeVat(anyVat(kernel), { bundleSpec: 'simulated' });

  const operations: readonly Occasion[] = [
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
  ];
  return collects
    ? [
        ...operations,
        {
          name: 'collections',
          times: 60,
          act: operate('collects', async (k) => k.collectGarbage()),
        },
      ]
    : operations;
};
