/**
 * One run: three kernels (or one), their hosts, disks and clients, and the
 * network between them in one thread, all of it decided by a seed. The banks are
 * launched, then calls and faults rain, then nothing fails any more and
 * everything must come to rest. At last one kernel begins anew with the others.
 */
import { OcapError } from '@ocap/kernel-utils';
import { launchBanks } from './launch-banks.ts';
import { partAndMeet } from './parting.ts';
import { rain } from './rain.ts';
import { comeToRest } from './rest.ts';
import { makeWorld } from './world.ts';

export type Run = Readonly<{
  seed: number;
  /** How many were simulated. */
  kernels: number;
  /** What must not have happened; undefined after a good run. */
  problem: string | undefined;
  /** Of everything that happened, in its order. */
  hash: string;
  /** Lines to read, if the run was to keep them. */
  lines: readonly string[];
  stats: Readonly<Record<string, number>>;
}>;

/** Collecting garbage for real takes long: of so many seeds one does. */
const COLLECTS_ONE_IN = 16;
/** And one has a single kernel, in which more happens in as many steps. */
const ALONE_ONE_IN = 5;

const kernelCountOf = (seed: number): number =>
  seed % ALONE_ONE_IN === 0 ? 1 : 3;

export const simulate = async ({
  seed,
  steps,
  keepLines = false,
}: Readonly<{
  seed: number;
  /** Of the rain. */
  steps: number;
  keepLines?: boolean;
}>): Promise<Run> => {
  const collects = seed % COLLECTS_ONE_IN === 0;
  const world = makeWorld({
    seed,
    kernelCount: kernelCountOf(seed),
    keepLines,
    collects,
  });
  const { trace, stats, problem } = world;
  const restore = hearRejections((error) => {
    // One that a vat leaves unhandled is its own business, as in a real host.
    if (error instanceof OcapError) {
      world.report(`the kernel left a rejection unhandled: ${String(error)}`);
    }
  });
  try {
    const banks = await launchBanks(world);
    await rain(world, banks, { steps, collects });
    if (problem() === undefined) {
      await comeToRest(world, banks, collects);
    }
    if (problem() === undefined && world.kernels.length > 1) {
      await partAndMeet(world, banks);
    }
  } catch (error) {
    world.report(`it broke off: ${String(error)}`);
  } finally {
    // So that nothing of this run is at work in the next.
    world.kernels.forEach(({ daemon }) => daemon.crash('the run is over'));
    restore();
  }
  return {
    seed,
    kernels: world.kernels.length,
    problem: problem(),
    hash: trace.hash(),
    lines: trace.lines,
    stats,
  };
};

/** Instead of whoever listens now; returns what puts them back. */
const hearRejections = (listener: (error: unknown) => void): (() => void) => {
  const event = 'unhandledRejection';
  const others = process.listeners(event);
  process.removeAllListeners(event);
  process.on(event, listener);
  return () => {
    process.off(event, listener);
    others.forEach((other) => process.on(event, other));
  };
};
