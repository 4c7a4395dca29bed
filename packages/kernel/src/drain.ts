/** Waits for vats that are at work, within a bound; what waits stays in its inbox. */
import type { Powers } from './powers.ts';
import type { VatRuntimes } from './vat-runtimes.ts';

/** How long, in ms, and how often it looks. */
const DRAIN_MS = 1000;
const STEP_MS = 10;

export const drain = async (
  vats: Pick<VatRuntimes, 'isBusy'>,
  powers: Pick<Powers, 'now' | 'after'>,
): Promise<void> => {
  const until = powers.now() + DRAIN_MS;
  while (vats.isBusy() && powers.now() < until) {
    await new Promise<void>((resolve) => {
      powers.after(STEP_MS, resolve);
    });
  }
};
