/** What an operator does to vats and subclusters; each is on disk when it resolves. */
import harden from '@endo/harden';
import { fail, isSubclusterId, isVatId, type VatId } from '@ocap/kernel-utils';
import type { Accesses } from './access.ts';
import type { Clients } from './clients.ts';
import type { KernelContext } from './context.ts';
import type { Deliveries } from './deliveries.ts';
import type { Expiry } from './expiry.ts';
import { isThere } from './is-there.ts';
import type { Kernel } from './kernel-api.ts';
import type { Names } from './names.ts';
import type { Remotes } from './remotes/remotes.ts';
import type { VatLife } from './vat-life.ts';

export type Operations = Pick<
  Kernel,
  | 'terminateSubcluster'
  | 'terminateVat'
  | 'terminateAllVats'
  | 'restartVat'
  | 'pingVat'
  | 'collectGarbage'
  | 'clearState'
  | 'commit'
>;

/** @throws VAT_UNKNOWN */
export const insistVat = (
  { store, vats }: Pick<KernelContext, 'store' | 'vats'>,
  id: string,
): VatId => {
  // One that is being ended is as good as gone.
  if (!isVatId(id) || !vats.ids.has(id) || !isThere(store, id)) {
    throw fail('VAT_UNKNOWN', { vat: id });
  }
  return id;
};

export const makeOperations = (
  context: KernelContext,
  {
    life,
    deliveries,
    clients,
    names,
    accesses,
    expiry,
    remotes,
  }: Readonly<{
    life: VatLife;
    deliveries: Deliveries;
    clients: Clients;
    names: Names;
    accesses: Accesses;
    expiry: Expiry;
    remotes: Remotes;
  }>,
): Operations => {
  const { store, vats, outbox, wake } = context;

  const terminateAll = async (
    ids: readonly VatId[],
    reason: string,
  ): Promise<void> => {
    ids.forEach((id) => life.terminate(id, reason));
    await Promise.all(ids.map(life.ended));
    await outbox.committed();
  };

  return harden({
    commit: outbox.flush,
    terminateSubcluster: async (id: string) => {
      if (!isSubclusterId(id) || store.subclusters.get(id) === undefined) {
        throw fail('SUBCLUSTER_UNKNOWN', { subcluster: id });
      }
      const members = [...vats.ids].filter(
        (vatId) => store.vats.get(vatId)?.subclusterId === id,
      );
      return terminateAll(members, 'its subcluster was terminated');
    },
    terminateVat: async (id: string) =>
      terminateAll([insistVat(context, id)], 'an operator ended it'),
    terminateAllVats: async () =>
      terminateAll([...vats.ids], 'an operator ended all vats'),
    restartVat: async (id: string) => {
      const vatId = insistVat(context, id);
      life.restart(vatId, 'an operator restarted it');
      await life.awaken(vatId);
      await outbox.committed();
    },
    pingVat: async (id: string) => {
      const vat = await life.awaken(insistVat(context, id));
      await life.hosts.ping(vat);
      return 'pong';
    },
    collectGarbage: async () => {
      await expiry.expire();
      for (const vatId of vats.ids) {
        const vat = vats.peek(vatId);
        if (vat?.state === 'awake') {
          deliveries.collect(vat);
          wake(vatId);
        }
      }
      await outbox.committed();
    },
    clearState: async () => {
      await terminateAll([...vats.ids], 'the state of the kernel was cleared');
      names.forgetAll();
      accesses.forgetAll();
      clients.forgetAll();
      remotes.forgetAll();
      for (const hash of [...store.scan().bundleHashes()]) {
        store.bundles.delete(hash);
      }
      await outbox.committed();
    },
  });
};
