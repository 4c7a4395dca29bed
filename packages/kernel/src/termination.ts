/** Vats are terminated once: at once, or in slices if there is much of them. */
import harden from '@endo/harden';
import { fail, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { makeForgetVat } from './forget-vat.ts';
import type { VatRow } from './store/rows.ts';
import { makeVatEnding, type VatEnding } from './vat-ending.ts';
import { logFieldsOf, type VatRuntime } from './vat-runtimes.ts';

export type Termination = Pick<
  VatEnding,
  'errorOf' | 'ended' | 'recover' | 'stop'
> &
  Readonly<{
    /** From now on its callers are told the reason. */
    terminate(vatId: VatId, reason: string): void;
  }>;

export const makeTermination = (
  context: KernelContext,
  {
    detach,
    tellStarted,
  }: Readonly<{
    /** Takes a vat off its host, if it has one. */
    detach: (vat: VatRuntime, reason: string) => void;
    /** Whoever waits for the vat to be awake hears why it will not be. */
    tellStarted: (vat: VatRuntime, problem: string) => void;
  }>,
): Termination => {
  const { store, vats, powers, outbox } = context;
  const forgetVat = makeForgetVat(context);

  /** In one step. */
  const finish = (row: VatRow, reason: string): void => {
    const vat = vats.get(row.id);
    vats.forget(row.id);
    detach(vat, reason);
    const error = forgetVat(row, reason);
    tellStarted(vat, error.message);
  };

  const ending = makeVatEnding(context, finish);

  return harden({
    terminate: (vatId: VatId, reason: string) => {
      const row = store.vats.get(vatId);
      if (row === undefined) {
        throw fail('VAT_UNKNOWN', { vat: vatId });
      }
      if (row.ending !== null) {
        return;
      }
      powers.logger.info(`the vat was terminated: ${reason}`, logFieldsOf(row));
      if (ending.isLarge(vatId)) {
        const error = ending.begin(row, reason);
        const vat = vats.get(vatId);
        detach(vat, reason);
        tellStarted(vat, error.message);
        context.wake(vatId);
      } else {
        finish(row, reason);
      }
      outbox.touch();
    },
    errorOf: ending.errorOf,
    ended: ending.ended,
    recover: ending.recover,
    stop: ending.stop,
  });
};
