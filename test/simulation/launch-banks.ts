/**
 * The first phase: the banks are launched, named and made known to each other,
 * also those of other kernels, and nothing fails.
 */
import type { Kernel, LaunchResult } from '@ocap/kernel';
import {
  decodedToJson,
  decodeSmallcaps,
  type CapData,
} from '@ocap/kernel-utils';
import type { SimKernel } from './sim-kernel.ts';
import type { Bank } from './workload.ts';
import type { World } from './world.ts';

const PURSES = 2;
const MONEY = 100;
/** More than a start brings along, so that the rest of the store must be asked for. */
const LARGE_PADDING = 70_000;

/** Steps that anything may take while nothing fails. */
const FINISH_STEPS = 10_000;

export type Banks = readonly Bank[];

type Ref = Readonly<{ '@ref': string }>;

export const launchBanks = async (world: World): Promise<Banks> => {
  const { kernels, random, checks, report } = world;
  const banks: Bank[] = [];
  for (const home of kernels) {
    await home.daemon.boot();
    const count =
      kernels.length === 1 ? random.integer(2, 3) : random.pick([1, 1, 2]);
    const names = Array.from(
      { length: count },
      (_, index) => `bank${banks.length + index + 1}`,
    );
    banks.push(...(await launchAt(world, home, names)));
  }
  if (kernels.length > 1) {
    await makeKnown(world, banks);
  }
  for (const { home, name } of banks) {
    const all = banks.map((bank) => [bank.name, { '@ref': bank.name }]);
    await finish(world, kernelOf(home).queueMessage(name, 'meet', [all]));
  }
  const total = banks.length * PURSES * MONEY;
  checks.setTotal(total);
  const { money } = checks.money();
  if (money !== total) {
    report(`the banks begin with ${money} and not ${total}`);
  }
  return banks;
};

export const kernelOf = (home: SimKernel): Kernel => home.running() as Kernel;

/** A subcluster of banks, with names for all of it. */
const launchAt = async (
  world: World,
  home: SimKernel,
  names: readonly string[],
): Promise<Banks> => {
  const { random } = world;
  const kernel = kernelOf(home);
  const { bootstrapResult } = await finish<LaunchResult>(
    world,
    kernel.launchSubcluster({
      bootstrap: names[0] ?? '',
      vats: Object.fromEntries(
        names.map((name) => [
          name,
          {
            bundleSpec: 'simulated',
            placement: random.pick(['own', 'subcluster', 'shared'] as const),
            parameters: {
              purses: PURSES,
              money: MONEY,
              padding: random.pick([0, 0, LARGE_PADDING]),
            },
          },
        ]),
      ),
    }),
  );
  const opened = decodedToJson(
    decodeSmallcaps(bootstrapResult as CapData),
  ) as unknown as [name: string, root: Ref, purses: Ref[]][];
  const banks: Bank[] = [];
  for (const [name, root, purseRefs] of opened) {
    const purses: Bank['purses'][number][] = [];
    await finish(world, kernel.setName(name, root['@ref']));
    for (const [index, purse] of purseRefs.entries()) {
      const purseName = `${name}-purse${index + 1}`;
      await finish(world, kernel.setName(purseName, purse['@ref']));
      purses.push({ name: purseName, knownTo: new Set([home]) });
    }
    banks.push({ home, name, purses });
  }
  return banks;
};

/** What each kernel has of the others' it has by object URL: all banks, and not all of their purses. */
const makeKnown = async (world: World, banks: Banks): Promise<void> => {
  const { kernels, random } = world;
  await finish(
    world,
    Promise.all(kernels.map(async (one) => kernelOf(one).initRemoteComms({}))),
  );
  const pass = async (
    from: SimKernel,
    to: SimKernel,
    name: string,
  ): Promise<void> => {
    const { url } = await kernelOf(from).issueOcapURL(name);
    const kref = await kernelOf(to).redeemOcapURL(url);
    await kernelOf(to).setName(name, kref);
  };
  const passes = banks.flatMap(({ home, name, purses }) =>
    kernels.flatMap((kernel) => {
      if (kernel === home) {
        return [];
      }
      const passed = purses.filter(
        (_, index) => index === 0 || random.integer(0, 1) === 0,
      );
      passed.forEach(({ knownTo }) => knownTo.add(kernel));
      return [name, ...passed.map((purse) => purse.name)].map((one) =>
        pass(home, kernel, one),
      );
    }),
  );
  await finish(world, Promise.all(passes));
};

/** Runs the world until the promise has settled. */
export const finish = async <Value>(
  { scheduler }: World,
  promise: Promise<Value>,
): Promise<Value> => {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  watched.catch(() => undefined);
  for (let step = 0; !settled && (await scheduler.step(true)); step += 1) {
    if (step === FINISH_STEPS) {
      throw Error('what nothing hinders does not get done');
    }
  }
  return watched;
};
