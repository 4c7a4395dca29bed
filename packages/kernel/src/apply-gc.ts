/** What is true in the books once an endpoint was told the collector's news. */
import type { EndpointId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { InFlight } from './vat-runtimes.ts';

export type ApplyGc = (
  id: EndpointId,
  told: Pick<InFlight & { kind: 'gc' }, 'action' | 'krefs'>,
) => void;

export const makeApplyGc =
  ({ store, refs }: Pick<KernelContext, 'store' | 'refs'>): ApplyGc =>
  (id, { action, krefs }) => {
    for (const kref of krefs) {
      store.gcActions.remove(id, action, kref);
      const entry = store.clist.get(id, kref);
      if (entry === undefined) {
        continue;
      }
      if (action === 'dropExport') {
        store.clist.set(id, kref, { ...entry, reachable: false });
      } else if (action === 'retireExport') {
        refs.abandonExport(id, kref, 'nobody could reach it any more');
      } else {
        refs.retireImport(id, entry.vref);
      }
    }
  };
