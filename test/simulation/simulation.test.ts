/**
 * Hundreds of seeds, each a short and cruel life of three whole kernels, or of one.
 *
 *   OCAP_SIM_SEEDS=10000 OCAP_SIM_STEPS=500   more of it
 *   OCAP_SEED=17                              one seed, with all that happened
 */
import '../../packages/nodejs/src/vat-host/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

const whole = (name: string, otherwise: number): number => {
  const given = process.env[name];
  return given === undefined || given === '' ? otherwise : Number(given);
};
const seedCount = whole('OCAP_SIM_SEEDS', 300);
const steps = whole('OCAP_SIM_STEPS', 80);
const oneSeed = whole('OCAP_SEED', 0);

/** Seeds of one test, so that a long run tells how far it is. */
const SEEDS_PER_TEST = 50;
/** Far more than a seed of so many steps takes; a run must end some day. */
const timeoutMs = (seeds: number): number => seeds * (10_000 + 200 * steps);

const howToReplay = (seed: number): string =>
  `OCAP_SEED=${seed} OCAP_SIM_STEPS=${steps} npx vitest run --project e2e test/simulation`;

const blocks = Array.from(
  { length: Math.ceil(seedCount / SEEDS_PER_TEST) },
  (_, index) => ({
    first: index * SEEDS_PER_TEST + 1,
    last: Math.min((index + 1) * SEEDS_PER_TEST, seedCount),
  }),
);

describe.skipIf(oneSeed !== 0)('kernels whose world fails', () => {
  it.each(blocks)(
    'keep every promise for the seeds $first to $last',
    async ({ first, last }) => {
      const failures: string[] = [];
      for (let seed = first; seed <= last; seed += 1) {
        const { problem } = await simulate({ seed, steps });
        if (problem !== undefined) {
          failures.push(`seed ${seed}: ${problem}\n  ${howToReplay(seed)}`);
        }
      }
      expect(failures.join('\n')).toBe('');
    },
    timeoutMs(SEEDS_PER_TEST),
  );

  // Each has found something that the shorter ones do not come to.
  it.each([2688, 6544, 7748, 8456])(
    'keep every promise for the seed %i, 500 steps',
    async (seed) => {
      const { problem } = await simulate({ seed, steps: 500 });
      expect(problem).toBeUndefined();
    },
    timeoutMs(SEEDS_PER_TEST),
  );

  // 5 has one kernel, 16 collects garbage for real.
  it.each([5, 7, 16])(
    'do the same again for the same seed (%i)',
    async (seed) => {
      const first = await simulate({ seed, steps, keepLines: true });
      await simulate({ seed: seed + 1, steps });
      const again = await simulate({ seed, steps, keepLines: true });
      expect(again.lines).toStrictEqual(first.lines);
      expect(again.hash).toBe(first.hash);
    },
    timeoutMs(3),
  );
});

it.runIf(oneSeed !== 0)(
  `replays the seed ${oneSeed}`,
  async () => {
    const { lines, hash, stats, problem } = await simulate({
      seed: oneSeed,
      steps,
      keepLines: true,
    });
    console.log([...lines, JSON.stringify(stats), hash].join('\n'));
    expect(problem).toBeUndefined();
  },
  timeoutMs(1),
);
