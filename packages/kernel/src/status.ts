/** What runs, as `getStatus` tells it. */
import harden from '@endo/harden';
import { ifDefined, isVatId, ROOT_VREF, type VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type {
  Kernel,
  KernelStatus,
  VatState,
  VatStatus,
} from './kernel-api.ts';
import type { RemoteCommsStatus } from './status-api.ts';
import type { SubclusterRow } from './store/rows.ts';
import type { VatRuntime } from './vat-runtimes.ts';

export const makeStatus = (
  {
    store,
    vats,
    powers,
    outbox,
  }: Pick<KernelContext, 'store' | 'vats' | 'powers' | 'outbox'>,
  remoteComms: () => RemoteCommsStatus | undefined,
): Pick<Kernel, 'getStatus' | 'subclusterOf'> => {
  const vatStatus = (id: VatId): VatStatus[] => {
    const row = store.vats.get(id);
    if (row === undefined) {
      return [];
    }
    const vat = vats.peek(id);
    const host = vat?.host;
    const halted =
      row.ending === null ? row.halted : `it is being ended: ${row.ending}`;
    return [
      {
        id,
        name: row.name,
        subclusterId: row.subclusterId,
        config: row.config,
        state: halted === null ? stateOf(vat) : 'halted',
        ...(halted === null ? {} : { halted }),
        incarnation: row.incarnation,
        inbox: store.inbox.size(id),
        deliveries: vat?.deliveries ?? 0,
        ...(host === undefined
          ? {}
          : {
              host: {
                pid: host.process.pid,
                memoryBytes: host.process.memoryBytes(),
                vats: host.vats.size,
              },
            }),
      },
    ];
  };

  const subclustersOf = (
    vatStatuses: readonly VatStatus[],
  ): KernelStatus['subclusters'] => {
    const grouped = new Map<SubclusterRow, Record<string, VatId>>();
    for (const { id, name, subclusterId } of vatStatuses) {
      const row = store.subclusters.get(subclusterId);
      if (row !== undefined) {
        const members = grouped.get(row) ?? {};
        members[name] = id;
        grouped.set(row, members);
      }
    }
    return [...grouped].map(([{ id, config, bootstrap, system }, members]) => ({
      id,
      config,
      vats: members,
      ...ifDefined({ rootKref: store.clist.krefOf(bootstrap, ROOT_VREF) }),
      ...(system === null ? {} : { system }),
    }));
  };

  const getStatus = (): KernelStatus => {
    const vatStatuses = [...vats.ids].flatMap(vatStatus);
    const spare = powers.hosts.spare();
    return {
      ...ifDefined({
        storage: outbox.storage.problem(),
        remoteComms: remoteComms(),
      }),
      vats: vatStatuses,
      subclusters: subclustersOf(vatStatuses),
      hosts: [
        ...[...vats.hosts].map(({ process, vats: held }) => ({
          pid: process.pid,
          vats: held.size,
          memoryBytes: process.memoryBytes(),
          spare: false,
        })),
        ...(spare === undefined ? [] : [{ ...spare, vats: 0, spare: true }]),
      ],
    };
  };

  return harden({
    getStatus,
    subclusterOf: (id: string) =>
      isVatId(id) && vats.ids.has(id)
        ? store.vats.get(id)?.subclusterId
        : undefined,
  });
};

const stateOf = (vat: VatRuntime | undefined): VatState => {
  if (vat === undefined || vat.state !== 'awake') {
    return vat?.state ?? 'asleep';
  }
  return vat.inFlight.length > 0 ? 'busy' : 'awake';
};
