/**
 * The last phase: nothing fails any more. Everybody must be answered, nothing
 * may be left lying, and the stores must be as small as what they stand for.
 */
import type { Kernel } from '@ocap/kernel';
import type { Banks } from './launch-banks.ts';
import { DEADLINE_MS } from './sim-daemon.ts';
import type { World } from './world.ts';

/** Steps that it may take to come to rest. */
const STEPS = 20_000;
/** So long nothing but timers must happen, for it to be quiet. */
const QUIET_MS = 2 * DEADLINE_MS;
/** The same where links may be dead and nobody has noticed yet. */
const QUIET_BETWEEN_MS = 30_000;
/** After that every lease is over. */
const LEASES_MS = 25 * 60 * 60 * 1000;
/** Collections for each kernel: what one drops may be the last that held something of the next. */
const ROUNDS = 3;

export const comeToRest = async (
  world: World,
  banks: Banks,
  collects: boolean,
): Promise<void> => {
  const { checks, kernels, scheduler, problem } = world;
  await settle(world);
  if (problem() !== undefined) {
    return;
  }
  checks.answered();
  await tidyUp(world, banks);
  for (let round = 0; collects && round < ROUNDS * kernels.length; round += 1) {
    const { running } = kernels[round % kernels.length] ?? {};
    void running?.()?.collectGarbage();
    await settle(world);
  }
  if (problem() === undefined) {
    checks.atRest();
  }
  scheduler.pass(LEASES_MS);
  await settle(world);
  if (problem() === undefined) {
    checks.afterLeases(collects);
  }
};

/** Runs until nobody waits and only timers are left. */
export const settle = async (world: World): Promise<void> => {
  const { scheduler, kernels, report, problem } = world;
  const quietMs = kernels.length === 1 ? QUIET_MS : QUIET_BETWEEN_MS;
  const waiting = (): string =>
    kernels.flatMap(({ clients }) => clients.waiting()).join(' ');
  let quietSince = scheduler.now();
  for (let step = 0; problem() === undefined; step += 1) {
    if (step === STEPS) {
      report(`it does not come to rest; not answered: ${waiting()}`);
    }
    for (const { running, daemon, clients } of kernels) {
      if (running() === undefined) {
        await daemon.boot();
      }
      clients.connectAll();
    }
    if (scheduler.isBusy()) {
      quietSince = scheduler.now();
    } else if (scheduler.now() - quietSince > quietMs) {
      break;
    }
    await scheduler.step(true);
  }
  if (problem() === undefined && waiting() !== '') {
    report(`all is quiet, but not answered: ${waiting()}`);
  }
};

/**
 * Guests go, vats wake up, and banks let go of what they had kept for others.
 * What others drop thereby a vat is told when it has something to do again, or
 * before it sleeps: therefore a second time.
 */
export const tidyUp = async (world: World, banks: Banks): Promise<void> => {
  const { kernels, report } = world;
  const failed = (error: unknown): void =>
    report(`tidying up failed: ${String(error)}`);
  for (const { running } of kernels) {
    const kernel = running() as Kernel;
    for (const { id, vats } of kernel.getStatus().subclusters) {
      if (Object.hasOwn(vats, 'guest')) {
        kernel.terminateSubcluster(id).catch(failed);
      }
    }
  }
  for (let round = 0; round < 2; round += 1) {
    for (const { home, name } of banks) {
      home.clients.issue((client, number) => ({
        target: name,
        method: 'tidy',
        args: [`${client}-${number}`],
      }));
    }
    await settle(world);
  }
};
