/**
 * A check as a program of its own: `node test/score/vat-spin.ts [--full]
 * [--seed N]`. Prints one line of JSON; the exit code is 1 if it did not pass.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawSeed } from '../../support/random.ts';
import type { Check } from './check.ts';
import { perform } from './perform.ts';

/** Does nothing unless the module of this URL is the program that was started. */
export const runAlone = async (url: string, check: Check): Promise<void> => {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const { values } = parseArgs({
    options: {
      full: { type: 'boolean', default: false },
      seed: { type: 'string' },
    },
  });
  const seed = values.seed === undefined ? drawSeed() : Number(values.seed);
  const mode = values.full ? 'full' : 'quick';
  const { verdict, abandon } = perform(check, { mode, seed });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void abandon().finally(() => process.exit(1)));
  }
  const found = await verdict;
  // Nothing that a check has left open may keep it from ending.
  process.stdout.write(`${JSON.stringify(found)}\n`, () =>
    process.exit(found.pass ? 0 : 1),
  );
};
