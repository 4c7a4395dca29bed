/**
 * Takes a vat out of the store for good: its callers are told why, what it held
 * is released, and what it exported can never be called again.
 */
import {
  fail,
  isExport,
  isPromiseRef,
  KERNEL,
  ROOT_VREF,
  type KRef,
  type OcapError,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { rejectionOf } from './kernel-errors.ts';
import type { ClistEntry, VatRow } from './store/rows.ts';

/** Returns what its callers were told. */
export type ForgetVat = (
  row: VatRow,
  /** The promises that it decides. */
  decided: readonly KRef[],
  reason: string,
) => OcapError;

export const makeForgetVat = ({
  store,
  refs,
  messages,
  vats,
  events,
}: Pick<
  KernelContext,
  'store' | 'refs' | 'messages' | 'vats' | 'events'
>): ForgetVat => {
  const forget = (
    row: VatRow,
    decided: readonly KRef[],
    entries: readonly ClistEntry[],
    error: OcapError,
    reason: string,
  ): void => {
    const data = rejectionOf(error);
    decided.forEach((kref) => messages.resolve(kref, true, data, KERNEL));
    for (const seq of store.inbox.list(row.id)) {
      const item = store.inbox.get(seq);
      store.inbox.remove(row.id, seq);
      if (item?.kind === 'message') {
        messages.discard(item, data);
      } else if (item !== undefined) {
        refs.release(item.target);
      }
    }
    for (const { kref } of entries) {
      const entry = store.clist.get(row.id, kref);
      if (entry === undefined) {
        continue;
      }
      if (isPromiseRef(kref)) {
        unsubscribe(row.id, kref);
        refs.forgetPromise(row.id, kref);
      } else if (isExport(entry.vref)) {
        refs.abandonExport(row.id, kref, error.message.replace(/\.$/u, ''));
        if (entry.vref === ROOT_VREF) {
          refs.release(kref); // held for as long as the vat lives
        }
      } else {
        refs.retireImport(row.id, entry.vref);
      }
    }
    for (const { action, kref } of store.gcActions.list(row.id)) {
      store.gcActions.remove(row.id, action, kref);
    }
    store.vats.delete(row.id);
    events.note('vat', 'terminated', {
      vat: row.id,
      name: row.name,
      subclusterId: row.subclusterId,
      reason,
    });
    store.forgetUnusedBundle(row.bundleHash, vats.ids);
    forgetEmptySubcluster(row);
    refs.collect();
  };

  const unsubscribe = (vatId: VatId, kref: KRef): void => {
    const promise = refs.promise(kref);
    if (promise.subscribers.includes(vatId)) {
      const subscribers = promise.subscribers.filter((id) => id !== vatId);
      store.promises.set(kref, { ...promise, subscribers });
    }
  };

  const forgetEmptySubcluster = ({ subclusterId }: VatRow): void => {
    for (const id of vats.ids) {
      if (store.vats.get(id)?.subclusterId === subclusterId) {
        return;
      }
    }
    store.subclusters.delete(subclusterId);
    events.note('subcluster', 'ended', { subclusterId });
  };

  return (row, decided, reason) => {
    const entries = [...store.scan().clist(row.id)];
    const error = fail('VAT_TERMINATED', {
      vat: `${row.id} (${row.name})`,
      reason,
    });
    store.savepoint(() => {
      forget(row, decided, entries, error, reason);
      store.doomed.add(row.id);
    });
    return error;
  };
};
