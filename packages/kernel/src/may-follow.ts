/** Which deliveries need not wait for the answers to those before them. */
import harden from '@endo/harden';
import { isPromiseRef, type EndpointId, type KRef } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { settledTogether } from './settlements.ts';
import type { InboxRow } from './store/rows.ts';
import type { InFlight } from './vat-runtimes.ts';

/**
 * Whether an item of the inbox may be sent before the deliveries under way have
 * come back: they must not change what the names in it mean to the vat.
 */
export type MayFollow = (
  vatId: EndpointId,
  row: InboxRow,
  underWay: readonly InFlight[],
) => boolean;

export const makeMayFollow = ({
  store,
  refs,
}: Pick<KernelContext, 'store' | 'refs'>): MayFollow => {
  // The names of objects mean the same until the vat is asked for its dead ones,
  // which it is only when it is quiet. A name of a promise ends when the vat is
  // told how it settled, or settles it itself.
  const mayFollow: MayFollow = (vatId, row, underWay) => {
    const isChanging = (kref: KRef): boolean =>
      underWay.some(
        (delivery) =>
          delivery.kind === 'inbox' &&
          (delivery.retire.includes(kref) ||
            (delivery.row.kind === 'message' && delivery.row.result === kref)),
      );
    const isSteady = (kref: KRef): boolean =>
      !isPromiseRef(kref) ||
      store.clist.get(vatId, kref) === undefined ||
      (refs.promise(kref).decider !== vatId && !isChanging(kref));
    if (row.kind === 'message') {
      const { methargs, result } = row;
      return (
        methargs.slots.every(isSteady) &&
        (result === null || store.clist.get(vatId, result) === undefined)
      );
    }
    return settledTogether(refs, row.target).every(
      (kref) =>
        isSteady(kref) &&
        (refs.promise(kref).data?.slots ?? []).every(isSteady),
    );
  };
  return harden(mayFollow);
};
