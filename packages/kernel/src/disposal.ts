/**
 * Deletes the stores of vats that are no more, a slice at a time: a vat may have
 * had millions of entries, and nobody else should wait for them. What is still
 * to be deleted is written down, so that the next daemon goes on with it.
 */
import harden from '@endo/harden';
import type { KernelContext } from './context.ts';

export type Disposal = Readonly<{
  /** Goes on with what is still to be deleted, or was just added. */
  start(): void;
  stop(): void;
}>;

/** Rows deleted at a time, and the pause after them in ms: some milliseconds of work each. */
const SLICE_ROWS = 2000;
const PAUSE_MS = 5;

export const makeDisposal = ({
  store,
  outbox,
  powers,
}: Pick<KernelContext, 'store' | 'outbox' | 'powers'>): Disposal => {
  let cancel: (() => void) | undefined;

  const slice = (): void => {
    cancel = undefined;
    const [vatId] = store.doomed.list();
    if (vatId === undefined) {
      return;
    }
    if (store.vatstore.deleteSome(vatId, SLICE_ROWS) < SLICE_ROWS) {
      store.doomed.remove(vatId);
    }
    outbox.touch();
    start();
  };
  const start = (): void => {
    if (cancel === undefined && store.doomed.list().length > 0) {
      cancel = powers.after(PAUSE_MS, slice);
    }
  };
  return harden({
    start,
    stop: () => cancel?.(),
  });
};
