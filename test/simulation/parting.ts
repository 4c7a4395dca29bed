/**
 * After everything has come to rest, and then fails again: one kernel goes back
 * to an earlier state, as an operator restores a backup, and so begins anew with
 * all others. Of what was shared nothing is left on either side, and what is
 * shared from then on works.
 */
import { finish, kernelOf, type Banks } from './launch-banks.ts';
import { settle, tidyUp } from './rest.ts';
import type { SimKernel } from './sim-kernel.ts';
import type { World } from './world.ts';

/** Enough for what was shared to be forgotten, on both sides, and not always. */
const STEPS = 60;
const CRASH_ONE_IN = 15;
const BOOT_ONE_IN = 3;

export const partAndMeet = async (
  world: World,
  banks: Banks,
): Promise<void> => {
  const { kernels, random, scheduler, checks, oneIn, trace, problem } = world;
  const returned = random.pick(kernels);
  returned.daemon.crash('an earlier state is restored');
  const { meta } = returned.disk.tables;
  meta.rollback();
  meta.backend.write('restored', '1');
  meta.commit();
  trace.note(`${returned.name} begins anew with the others`);

  world.setFaults(true);
  for (let step = 0; step < STEPS && problem() === undefined; step += 1) {
    for (const { running, daemon } of kernels) {
      if (running() === undefined) {
        if (oneIn(BOOT_ONE_IN)) await daemon.boot();
      } else if (oneIn(CRASH_ONE_IN * kernels.length)) {
        daemon.crash('it was struck');
      }
    }
    await scheduler.step(false);
  }
  world.setFaults(false);
  await settle(world);
  if (problem() !== undefined) {
    return;
  }

  const [bank] = banks.filter(({ home }) => home === returned);
  const others = kernels.filter((one) => one !== returned);
  const share = async (to: SimKernel): Promise<unknown> => {
    const { url } = await kernelOf(returned).issueOcapURL(bank?.name ?? '');
    return kernelOf(to).redeemOcapURL(url);
  };
  await finish(world, Promise.all(others.map(share)));
  await tidyUp(world, banks);
  if (problem() === undefined) {
    checks.parted();
  }
};
