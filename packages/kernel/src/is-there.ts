import type { VatId } from '@ocap/kernel-utils';
import type { KernelStore } from './store/kernel-store.ts';

/** Whether there is such a vat, and it is not being ended. */
export const isThere = (
  { vats }: Pick<KernelStore, 'vats'>,
  vatId: VatId,
): boolean => vats.get(vatId)?.ending === null;
