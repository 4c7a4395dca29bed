/** Simulates the seeds that it is given, in a process of its own, and prints a line for each. */
import '../../../packages/nodejs/src/vat-host/lockdown.ts';
import { simulate } from '../../simulation/simulate.ts';
import type { Order, Report } from './sim-reports.ts';

const { seeds, steps, forMs } = JSON.parse(process.argv[2] ?? '') as Readonly<
  Omit<Order, 'forMs'> & { forMs: number | null }
>;
const begun = performance.now();
for (const seed of seeds) {
  // JSON has no infinity: it is null.
  if (performance.now() - begun > (forMs ?? Infinity)) break;
  const { kernels, hash, problem } = await simulate({ seed, steps });
  const report: Report = {
    seed,
    kernels,
    hash,
    ...(problem === undefined ? {} : { problem }),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
