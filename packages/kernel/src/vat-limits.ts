/**
 * Limits that a config may set for one vat. What one vat may take of the time of
 * its host and of the disk can be raised or lowered; what goes through the
 * daemon's memory at once can only be lowered.
 */
import type { LimitValues, VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';

export const raisableLimits = ['deliveryMs', 'vatstoreBytes'] as const;
export const lowerableLimits = [
  'crankSyscalls',
  'crankBytes',
  'messageSlots',
  'consoleLineBytes',
  'consoleLinesPerDelivery',
] as const;

type Raisable = (typeof raisableLimits)[number];
type Lowerable = (typeof lowerableLimits)[number];
export type VatLimitOverrides = Readonly<
  Partial<Record<Raisable | Lowerable, number>>
>;

export const vatstoreLimit = (
  { store, powers }: Pick<KernelContext, 'store' | 'powers'>,
  vatId: VatId,
): number =>
  store.vats.get(vatId)?.config.limits?.vatstoreBytes ??
  powers.limits.vatstoreBytes;

/** What its host is to enforce instead of the daemon's usual limits. */
export const hostLimits = (
  overrides: VatLimitOverrides,
  usual: Pick<LimitValues, Lowerable>,
): Partial<Record<Lowerable, number>> =>
  Object.fromEntries(
    lowerableLimits.flatMap((name) => {
      const wanted = overrides[name];
      return wanted === undefined
        ? []
        : [[name, Math.min(wanted, usual[name])]];
    }),
  );
