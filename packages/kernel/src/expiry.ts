/** From time to time, what is held only for a time is let go of. */
import harden from '@endo/harden';
import type { KernelContext } from './context.ts';

/** How often, in ms. */
const EVERY_MS = 60 * 60 * 1000;

export type Expiry = Readonly<{
  /** Lets go of what has expired, now and then regularly. */
  start(): void;
  /** The same once. */
  expire(): void;
  stop(): void;
}>;

export const makeExpiry = (
  { outbox, powers }: Pick<KernelContext, 'outbox' | 'powers'>,
  parts: readonly Readonly<{ expire(): void }>[],
): Expiry => {
  let cancel = (): void => undefined;
  const expire = (): void => parts.forEach((part) => part.expire());
  const start = (): void => {
    expire();
    outbox.touch();
    cancel = powers.after(EVERY_MS, start);
  };
  return harden({ start, expire, stop: () => cancel() });
};
