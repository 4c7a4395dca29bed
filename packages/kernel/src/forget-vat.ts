/**
 * Takes a vat out of the store for good: its callers are told why, what it held
 * is released, and what it exported can never be called again.
 */
import { fail, type OcapError } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { makeForgetEndpoint } from './forget-endpoint.ts';
import type { ClistEntry, VatRow } from './store/rows.ts';

/** Returns what its callers were told. */
export type ForgetVat = (row: VatRow, reason: string) => OcapError;

/** What the callers of a vat are told that was terminated. */
export const terminatedError = (
  { id, name }: VatRow,
  reason: string,
): OcapError => fail('VAT_TERMINATED', { vat: `${id} (${name})`, reason });

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
  const forgetEndpoint = makeForgetEndpoint({ store, refs, messages });
  const forget = (
    row: VatRow,
    entries: readonly ClistEntry[],
    error: OcapError,
    reason: string,
  ): void => {
    forgetEndpoint(row.id, entries, error);
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

  const forgetEmptySubcluster = ({ subclusterId }: VatRow): void => {
    for (const id of vats.ids) {
      if (store.vats.get(id)?.subclusterId === subclusterId) {
        return;
      }
    }
    store.subclusters.delete(subclusterId);
    events.note('subcluster', 'ended', { subclusterId });
  };

  return (row, reason) => {
    const entries = [...store.scan().clist(row.id)];
    const error = terminatedError(row, reason);
    store.savepoint(() => {
      forget(row, entries, error, reason);
      store.doomed.add(row.id);
    });
    return error;
  };
};
