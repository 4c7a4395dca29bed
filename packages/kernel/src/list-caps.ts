/** What a vat or a subcluster can reach, and how it came to have it. */
import harden from '@endo/harden';
import {
  fail,
  isExport,
  isPromiseRef,
  isRemoteId,
  isSubclusterId,
  isVatId,
  KERNEL,
  type KRef,
  type SubclusterId,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { goneError, REVOKED } from './gone.ts';
import type { Capability, CapabilityReport } from './kernel-api.ts';
import type { Names } from './names.ts';
import { IO, type IoParams } from './services/io-channels.ts';
import type { GrantRow, VatRow } from './store/rows.ts';

export const makeListCaps = (
  { store, refs, caps }: Pick<KernelContext, 'store' | 'refs' | 'caps'>,
  names: Names,
): ((target: string) => CapabilityReport) => {
  /** A vat, a subcluster, or that of an object. */
  const subjectOf = (
    target: string,
  ): Readonly<{ subclusterId: SubclusterId; vats: readonly VatRow[] }> => {
    const all = [...store.scan().vats()];
    if (isSubclusterId(target)) {
      const vats = all.filter(({ subclusterId }) => subclusterId === target);
      if (vats.length === 0) {
        throw fail('SUBCLUSTER_UNKNOWN', { subcluster: target });
      }
      return { subclusterId: target, vats };
    }
    if (isVatId(target)) {
      const vats = all.filter(({ id }) => id === target);
      const [vat] = vats;
      if (vat === undefined) {
        throw fail('VAT_UNKNOWN', { vat: target });
      }
      return { subclusterId: vat.subclusterId, vats };
    }
    const kref = names.insistObject(target);
    const { owner } = refs.object(kref);
    const home = owner === null ? undefined : caps.granteeOf(owner as VatId);
    if (home === undefined || isRemoteId(home)) {
      throw fail('OBJECT_GONE', {
        ref: target,
        reason: 'it belongs to no vat',
      });
    }
    return subjectOf(home);
  };

  const heldBy = (vats: readonly VatRow[]): Map<KRef, VatId[]> => {
    const held = new Map<KRef, VatId[]>();
    for (const { id } of vats) {
      for (const { kref, vref, reachable } of store.scan().clist(id)) {
        if (!isPromiseRef(kref) && !isExport(vref) && reachable) {
          held.set(kref, [...(held.get(kref) ?? []), id]);
        }
      }
    }
    return held;
  };

  return harden((target: string) => {
    const { subclusterId, vats } = subjectOf(target);
    const held = heldBy(vats);
    const petnames = [...store.scan().names()];
    const describe = ([kref, holders]: [KRef, VatId[]]): Capability => {
      const row = refs.object(kref);
      const ended = caps.isBarred(subclusterId, kref)
        ? REVOKED
        : goneError(kref, row) && (row.gone ?? 'gone');
      const service = store.grants.get(kref);
      const owner =
        row.owner === null || row.owner === KERNEL || isRemoteId(row.owner)
          ? undefined
          : store.vats.get(row.owner);
      const remote = isRemoteId(row.owner)
        ? store.remotes.get(row.owner)
        : undefined;
      const isOwn =
        owner?.subclusterId === subclusterId ||
        service?.grantee === subclusterId;
      return {
        kref,
        heldBy: holders,
        names: petnames.flatMap(([name, ref]) => (ref === kref ? [name] : [])),
        state: ended ?? 'live',
        ...(service === undefined
          ? {}
          : {
              service: service.service,
              ...(service.methods === null ? {} : { methods: service.methods }),
              ...(service.service === IO ? { io: ioOf(service) } : {}),
            }),
        ...(owner === undefined
          ? {}
          : {
              owner: {
                vat: owner.id,
                name: owner.name,
                subclusterId: owner.subclusterId,
              },
            }),
        ...(remote === undefined ? {} : { peer: remote.peerId }),
        origin: isOwn ? (service === undefined ? 'own' : 'launch') : 'grants',
        grants: store.caps.get(`${kref} ${subclusterId}`) ?? [],
      };
    };
    return {
      subclusterId,
      vats: vats.map(({ id, name, config }) => ({
        id,
        name,
        globals: config.globals ?? [],
        ...(config.network === undefined
          ? {}
          : { allowedHosts: config.network.allowedHosts }),
      })),
      caps: [...held]
        .sort(([a], [b]) => Number(a.slice(2)) - Number(b.slice(2)))
        .map(describe),
    };
  });
};

const ioOf = ({ params }: GrantRow): NonNullable<Capability['io']> => {
  const { name, type } = params as IoParams;
  return { name, type };
};
