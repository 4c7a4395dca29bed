/**
 * How each subcluster came to have what it can reach of others, and which of
 * these grants were revoked. A grant is the caretaker: it stands between one
 * grantee and one object in the kernel's own books, so that an object is the
 * same for everybody, and one grantee can be cut off while others go on. What
 * passes within a subcluster is not recorded: its vats share one fate.
 */
import harden from '@endo/harden';
import {
  fail,
  isExport,
  KERNEL,
  type KRef,
  isRemoteId,
  type EndpointId,
  type RemoteId,
} from '@ocap/kernel-utils';
import { ended, isEnded, stillValid } from './cap-rows.ts';
import type { KernelStore } from './store/kernel-store.ts';
import type { CapGrant, CapRow, Giver, Grantee } from './store/rows.ts';

export type Caps = Readonly<{
  /** A vat is given `kref`. `via` tells people how; it is asked only for what is new. */
  record(vatId: EndpointId, kref: KRef, giver: Giver, via: () => string): void;
  /** The peer has redeemed a voucher of `giver` for what it did not have. */
  recordVouched(
    peer: RemoteId,
    kref: KRef,
    by: Readonly<{ giver: RemoteId; voucher: string }>,
  ): void;
  /** Ends what came by a voucher of `giver`; undefined if nothing did. */
  endVouched(
    voucher: string,
    giver: RemoteId,
    how: 'returned' | 'revoked',
  ): Readonly<{ kref: KRef; peer: RemoteId; isLast: boolean }> | undefined;
  /** Whether every grant through which `holder` has the object was revoked. */
  isBarred(holder: Giver, kref: KRef): boolean;
  /** The vat does not have the object any more. */
  onImportGone(vatId: EndpointId, kref: KRef): void;
  onObjectGone(kref: KRef): void;
  /**
   * Ends one grant, and what others got through it and have from nobody else.
   * Returns its object.
   */
  revoke(grantId: string): KRef;
  isRevoked(grantId: string): boolean;
  /** Vats are as their subcluster, another kernel for itself. */
  granteeOf(endpoint: EndpointId): Grantee | undefined;
}>;

export const isGrantId = (text: string): boolean => /^g[1-9]\d*$/u.test(text);

export const makeCaps = (
  store: KernelStore,
  {
    vatIds,
    epoch,
  }: Readonly<{ vatIds: () => Iterable<EndpointId>; epoch(): number }>,
): Caps => {
  const { caps, objects, clist } = store;
  // Those of whom something was revoked, so that every other message pays for
  // no more than a look at a small map. May name too many after a rollback.
  const contested = new Map<KRef, Set<Grantee>>();
  for (const { kref, grantee } of store.scan().caps('revoked')) {
    contest(kref, grantee);
  }

  // Where to look for what came by a voucher; may name what is gone.
  const vouched = new Map<string, string>();
  // What was redeemed, in case it is dropped before it is named: then it is
  // recorded only when it is.
  const redeemed = new Map<string, string>();
  for (const { kref, grantee, row } of store.scan().caps('vouched')) {
    row.forEach(({ voucher }) => {
      if (voucher !== undefined) {
        vouched.set(voucher, `${kref} ${grantee}`);
      }
    });
  }

  const granteeOf = (endpoint: EndpointId): Grantee | undefined =>
    isRemoteId(endpoint) ? endpoint : store.vats.get(endpoint)?.subclusterId;

  /** The subcluster that has it by right: its maker's, or for a service its grantee. */
  const rootHolder = (kref: KRef): Grantee | undefined => {
    const owner = objects.get(kref)?.owner ?? undefined;
    return owner === KERNEL
      ? store.grants.get(kref)?.grantee
      : owner && granteeOf(owner);
  };

  const isBarred = (holder: Giver, kref: KRef): boolean =>
    contested.has(kref) &&
    isEnded(caps.get(`${kref} ${holder}`)) &&
    rootHolder(kref) !== holder;

  /** What comes home is not granted; another kernel may have it without being its owner. */
  const isOwn = (id: EndpointId, kref: KRef): boolean => {
    const entry = clist.get(id, kref);
    return entry !== undefined && isExport(entry.vref);
  };

  const record = (
    vatId: EndpointId,
    kref: KRef,
    giver: Giver,
    via: () => string,
  ): void => {
    const grantee = granteeOf(vatId);
    const root = rootHolder(kref);
    if (
      grantee === undefined ||
      root === undefined ||
      root === grantee ||
      giver === grantee ||
      isOwn(vatId, kref)
    ) {
      return;
    }
    const key = `${kref} ${grantee}`;
    const row = caps.get(key) ?? [];
    const own = row.filter((grant) => grant.giver === giver);
    const known = own.find(({ voucher }) => voucher === undefined);
    // What was revoked does not come back by being passed again, unless the
    // operator, who has revoked it, gives it anew.
    const isRevoked = own.some(({ revoked }) => revoked);
    if (isRevoked ? giver !== 'client' : known !== undefined) {
      return;
    }
    const voucher = redeemed.get(`${key} ${giver}`);
    if (
      voucher !== undefined &&
      own.some((grant) => grant.voucher === voucher)
    ) {
      // This is the answer to its redemption. Whatever the giver passes in
      // another way does not end when what came by the voucher is returned.
      redeemed.delete(`${key} ${giver}`);
      return;
    }
    const grant: CapGrant = {
      id: `g${store.nextId('cap')}`,
      giver,
      ...(voucher === undefined ? {} : { voucher }),
      via: via(),
      at: epoch(),
      revoked: isBarred(giver, kref),
    };
    if (grant.revoked) {
      contest(kref, grantee);
    }
    caps.set(key, [...row.filter((one) => one !== known), grant]);
  };

  const recordVouched: Caps['recordVouched'] = (peer, kref, by) => {
    const key = `${kref} ${peer}`;
    const row = caps.get(key) ?? [];
    const known = row.find(({ giver }) => giver === by.giver);
    // Whoever has ended it by its voucher may give it anew, and nobody else.
    if (known !== undefined && known.withdrawn !== true) {
      return;
    }
    const grant: CapGrant = {
      ...by,
      id: `g${store.nextId('cap')}`,
      via: 'an introduction',
      at: epoch(),
      revoked: false,
    };
    caps.set(key, [...row.filter((one) => one !== known), grant]);
    vouched.set(by.voucher, key);
    redeemed.set(`${key} ${by.giver}`, by.voucher);
  };

  const endVouched: Caps['endVouched'] = (voucher, giver, how) => {
    const key = vouched.get(voucher);
    redeemed.delete(`${key} ${giver}`);
    const row = key === undefined ? undefined : caps.get(key);
    const grant = row?.find(
      (one) => one.voucher === voucher && one.giver === giver,
    );
    if (key === undefined || row === undefined || grant === undefined) {
      return undefined;
    }
    vouched.delete(voucher);
    const [kref, peer] = key.split(' ') as [KRef, RemoteId];
    if (how === 'revoked') {
      // All that it was given by this giver, in whatever way.
      const given = row.filter((one) => one.giver === giver);
      given.forEach(({ id }) => revokeIn(kref, id, true));
      return { kref, peer, isLast: false };
    }
    const isLast = row.length === 1;
    if (isLast) {
      caps.delete(key);
    } else {
      caps.set(
        key,
        row.filter((one) => one !== grant),
      );
    }
    return { kref, peer, isLast };
  };

  /** @throws GRANT_UNKNOWN */
  const insistGrant = (grantId: string) => {
    for (const { kref, row } of store.scan().capsOfGrant(grantId)) {
      const grant = row.find(({ id }) => id === grantId);
      if (grant !== undefined) {
        return { kref, grant };
      }
    }
    throw fail('GRANT_UNKNOWN', { grant: grantId });
  };

  const revoke = (grantId: string): KRef => {
    const { kref } = insistGrant(grantId);
    revokeIn(kref, grantId, false);
    return kref;
  };

  /** Not within a savepoint. */
  const revokeIn = (kref: KRef, grantId: string, withdrawn: boolean): void => {
    const rows = new Map<Giver, CapRow>();
    for (const entry of store.scan().caps(kref)) {
      rows.set(
        entry.grantee,
        entry.row.map((grant) =>
          grant.id === grantId ? ended(grant, withdrawn) : grant,
        ),
      );
    }
    const valid = stillValid(rows);
    store.savepoint(() => {
      for (const [grantee, row] of rows) {
        const next = row.map((grant) => ({
          ...grant,
          revoked: grant.revoked || !valid.has(grant.giver),
        }));
        if (next.some(({ revoked }) => revoked)) {
          contest(kref, grantee as Grantee);
        }
        caps.set(`${kref} ${grantee}`, next);
      }
    });
  };

  return harden({
    record,
    recordVouched,
    endVouched,
    isBarred,
    onImportGone: (vatId: EndpointId, kref: KRef) => {
      const grantee = granteeOf(vatId);
      if (grantee === undefined || rootHolder(kref) === grantee) {
        return;
      }
      const key = `${kref} ${grantee}`;
      const row = caps.get(key);
      // That something was revoked is remembered for as long as the object lives.
      if (row === undefined || row.some(({ revoked }) => revoked)) {
        return;
      }
      for (const id of vatIds()) {
        if (granteeOf(id) === grantee && clist.get(id, kref) !== undefined) {
          return;
        }
      }
      caps.delete(key);
    },
    onObjectGone: (kref: KRef) => {
      contested.get(kref)?.forEach((id) => caps.delete(`${kref} ${id}`));
    },
    revoke,
    isRevoked: (grantId: string) => insistGrant(grantId).grant.revoked,
    granteeOf,
  });

  function contest(kref: KRef, grantee: Grantee): void {
    const grantees = contested.get(kref) ?? new Set();
    contested.set(kref, grantees.add(grantee));
  }
};
