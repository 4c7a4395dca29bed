/** From time to time, what is held only for a time is let go of. */
import harden from '@endo/harden';
import type { KernelContext } from './context.ts';
import { aTurn } from './in-turns.ts';

/** How often, in ms. */
const EVERY_MS = 60 * 60 * 1000;
/** Between two slices of what is over, in ms. */
const PAUSE_MS = 2;

export type Expiry = Readonly<{
  /** Lets go of what has expired, now and then regularly. */
  start(): void;
  /** Lets go of all that has expired; others have their turns in between. */
  expire(): Promise<void>;
  stop(): void;
}>;

export const makeExpiry = (
  { outbox, powers }: Pick<KernelContext, 'outbox' | 'powers'>,
  /** Each lets go of some at a time, and says whether there may be more. */
  parts: readonly Readonly<{ expire(): boolean }>[],
): Expiry => {
  let cancel = (): void => undefined;
  /** Of these, the ones that have more. */
  const expireSome = (due: typeof parts): typeof parts =>
    due.filter((part) => part.expire());
  const goOn = (due: typeof parts): void => {
    const rest = expireSome(due);
    outbox.touch();
    cancel =
      rest.length > 0
        ? powers.after(PAUSE_MS, () => goOn(rest))
        : powers.after(EVERY_MS, () => goOn(parts));
  };
  return harden({
    start: () => goOn(parts),
    expire: async () => {
      for (let due = expireSome(parts); due.length > 0; due = expireSome(due)) {
        await aTurn(powers);
      }
    },
    stop: () => cancel(),
  });
};
