/**
 * The last phase: nothing fails any more. Everybody must be answered, nothing
 * may be left lying, and the store must be as small as what it stands for.
 */
import type { Kernel } from '@ocap/kernel';
import type { Banks } from './launch-banks.ts';
import { DEADLINE_MS } from './sim-daemon.ts';
import type { World } from './world.ts';

/** Steps that it may take to come to rest. */
const STEPS = 20_000;
/** So long nothing but timers must happen, for it to be quiet. */
const QUIET_MS = 2 * DEADLINE_MS;
/** After that every lease is over. */
const LEASES_MS = 25 * 60 * 60 * 1000;

export const comeToRest = async (
  world: World,
  banks: Banks,
  collects: boolean,
): Promise<void> => {
  const { checks, clients, daemon, scheduler, problem } = world;
  await settle(world);
  if (problem() !== undefined) {
    return;
  }
  checks.answered(clients.answered);
  await tidyUp(world, banks);
  if (collects) {
    for (let round = 0; round < 3; round += 1) {
      void daemon.kernel()?.collectGarbage();
      await settle(world);
    }
  }
  if (problem() === undefined) {
    checks.atRest(daemon.kernel() as Kernel);
  }
  scheduler.pass(LEASES_MS);
  await settle(world);
  if (problem() === undefined) {
    checks.afterLeases(daemon.kernel() as Kernel, banks, collects);
  }
};

/** Runs until nobody waits and only timers are left. */
const settle = async (world: World): Promise<void> => {
  const { scheduler, clients, daemon, report, problem } = world;
  let quietSince = scheduler.now();
  for (let step = 0; problem() === undefined; step += 1) {
    if (step === STEPS) {
      report(
        `it does not come to rest; not answered: ${clients.waiting().join(' ')}`,
      );
    }
    if (daemon.kernel() === undefined) {
      await daemon.boot();
    }
    clients.connectAll();
    if (scheduler.isBusy()) {
      quietSince = scheduler.now();
    } else if (scheduler.now() - quietSince > QUIET_MS) {
      break;
    }
    await scheduler.step(true);
  }
  if (problem() === undefined && clients.waiting().length > 0) {
    report(`all is quiet, but not answered: ${clients.waiting().join(' ')}`);
  }
};

/** Guests go, vats wake up, and banks let go of what they had kept for others. */
const tidyUp = async (world: World, banks: Banks): Promise<void> => {
  const { daemon, clients, report } = world;
  const kernel = daemon.kernel() as Kernel;
  const failed = (error: unknown): void =>
    report(`tidying up failed: ${String(error)}`);
  for (const { id, vats } of kernel.getStatus().subclusters) {
    if (Object.hasOwn(vats, 'guest')) {
      kernel.terminateSubcluster(id).catch(failed);
    }
  }
  for (const { name } of banks) {
    clients.issue((client, number) => ({
      target: name,
      method: 'tidy',
      args: [`${client}-${number}`],
    }));
  }
  await settle(world);
};
