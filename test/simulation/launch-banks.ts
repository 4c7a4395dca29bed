/** The first phase: the banks are launched and named, and nothing fails. */
import type { Kernel, LaunchResult } from '@ocap/kernel';
import {
  decodedToJson,
  decodeSmallcaps,
  type CapData,
} from '@ocap/kernel-utils';
import type { Bank } from './workload.ts';
import type { World } from './world.ts';

const PURSES = 2;
const MONEY = 100;
/** More than a start brings along, so that the rest of the store must be asked for. */
const LARGE_PADDING = 70_000;

export type Banks = readonly Bank[];

export const launchBanks = async (world: World): Promise<Banks> => {
  const { daemon, random, checks, report } = world;
  await daemon.boot();
  const names = Array.from(
    { length: random.integer(2, 3) },
    (_, index) => `bank${index + 1}`,
  );
  const kernel = daemon.kernel() as Kernel;
  const { bootstrapResult } = await finish<LaunchResult>(
    world,
    kernel.launchSubcluster({
      bootstrap: 'bank1',
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
  const joined = decodedToJson(
    decodeSmallcaps(bootstrapResult as CapData),
  ) as unknown as [name: string, root: Ref, purses: Ref[]][];
  const banks = joined.map(([name, , purses]) => ({
    name,
    purses: purses.map((_, index) => `${name}-purse${index + 1}`),
  }));
  for (const [name, root, purses] of joined) {
    await finish(world, kernel.setName(name, root['@ref']));
    for (const [index, purse] of purses.entries()) {
      const purseName = `${name}-purse${index + 1}`;
      await finish(world, kernel.setName(purseName, purse['@ref']));
    }
  }
  const total = names.length * PURSES * MONEY;
  checks.setTotal(total);
  if (checks.books().money !== total) {
    report(`the banks begin with ${checks.books().money} and not ${total}`);
  }
  return banks;
};

type Ref = Readonly<{ '@ref': string }>;

/** Runs the world until the promise has settled. */
const finish = async <Value>(
  { scheduler }: World,
  promise: Promise<Value>,
): Promise<Value> => {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  watched.catch(() => undefined);
  while (!settled && (await scheduler.step(true)));
  return watched;
};
