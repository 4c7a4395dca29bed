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
  KERNEL,
  type KRef,
  type SubclusterId,
  type VatId,
} from '@ocap/kernel-utils';
import type { KernelStore } from './store/kernel-store.ts';
import type { CapGrant, CapRow, Giver } from './store/rows.ts';

export type Caps = Readonly<{
  /** A vat is given `kref`. `via` tells people how; it is asked only for what is new. */
  record(vatId: VatId, kref: KRef, giver: Giver, via: () => string): void;
  /** Whether every grant through which `holder` has the object was revoked. */
  isBarred(holder: Giver, kref: KRef): boolean;
  /** The vat does not have the object any more. */
  onImportGone(vatId: VatId, kref: KRef): void;
  onObjectGone(kref: KRef): void;
  /**
   * Ends one grant, and what others got through it and have from nobody else.
   * Returns its object.
   */
  revoke(grantId: string): KRef;
  isRevoked(grantId: string): boolean;
  subclusterOf(vatId: VatId): SubclusterId | undefined;
}>;

export const isGrantId = (text: string): boolean => /^g[1-9]\d*$/u.test(text);

export const makeCaps = (
  store: KernelStore,
  {
    vatIds,
    epoch,
  }: Readonly<{ vatIds: () => Iterable<VatId>; epoch(): number }>,
): Caps => {
  const { caps, objects, clist } = store;
  // Those of whom something was revoked, so that every other message pays for
  // no more than a look at a small map. May name too many after a rollback.
  const contested = new Map<KRef, Set<SubclusterId>>();
  for (const { kref, grantee } of store.scan().caps('revoked')) {
    contest(kref, grantee);
  }

  const subclusterOf = (vatId: VatId): SubclusterId | undefined =>
    store.vats.get(vatId)?.subclusterId;

  /** The subcluster that has it by right: its maker's, or for a service its grantee. */
  const rootHolder = (kref: KRef): SubclusterId | undefined => {
    const owner = objects.get(kref)?.owner ?? undefined;
    return owner === KERNEL
      ? store.grants.get(kref)?.grantee
      : owner && subclusterOf(owner);
  };

  const isBarred = (holder: Giver, kref: KRef): boolean =>
    contested.has(kref) &&
    isEnded(caps.get(`${kref} ${holder}`)) &&
    rootHolder(kref) !== holder;

  const record = (
    vatId: VatId,
    kref: KRef,
    giver: Giver,
    via: () => string,
  ): void => {
    const grantee = subclusterOf(vatId);
    const root = rootHolder(kref);
    if (
      grantee === undefined ||
      root === undefined ||
      root === grantee ||
      giver === grantee
    ) {
      return;
    }
    const key = `${kref} ${grantee}`;
    const row = caps.get(key) ?? [];
    const known = row.find((grant) => grant.giver === giver);
    // What was revoked does not come back by being passed again, unless the
    // operator, who has revoked it, gives it anew.
    if (known !== undefined && !(known.revoked && giver === 'client')) {
      return;
    }
    const grant: CapGrant = {
      id: `g${store.nextId('cap')}`,
      giver,
      via: via(),
      at: epoch(),
      revoked: isBarred(giver, kref),
    };
    if (grant.revoked) {
      contest(kref, grantee);
    }
    caps.set(key, [...row.filter((one) => one !== known), grant]);
  };

  const revoke = (grantId: string): KRef => {
    const entries = [...store.scan().caps()];
    const found = entries.find(({ row }) =>
      row.some(({ id }) => id === grantId),
    );
    if (found === undefined) {
      throw fail('GRANT_UNKNOWN', { grant: grantId });
    }
    const { kref } = found;
    const rows = new Map<Giver, CapRow>();
    for (const entry of entries.filter((one) => one.kref === kref)) {
      rows.set(
        entry.grantee,
        entry.row.map((grant) =>
          grant.id === grantId ? { ...grant, revoked: true } : grant,
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
          contest(kref, grantee as SubclusterId);
        }
        caps.set(`${kref} ${grantee}`, next);
      }
    });
    return kref;
  };

  return harden({
    record,
    isBarred,
    onImportGone: (vatId: VatId, kref: KRef) => {
      const grantee = subclusterOf(vatId);
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
        if (subclusterOf(id) === grantee && clist.get(id, kref) !== undefined) {
          return;
        }
      }
      caps.delete(key);
    },
    onObjectGone: (kref: KRef) => {
      contested.get(kref)?.forEach((id) => caps.delete(`${kref} ${id}`));
    },
    revoke,
    isRevoked: (grantId: string) => {
      for (const { row } of store.scan().caps()) {
        const grant = row.find(({ id }) => id === grantId);
        if (grant !== undefined) {
          return grant.revoked;
        }
      }
      throw fail('GRANT_UNKNOWN', { grant: grantId });
    },
    subclusterOf,
  });

  function contest(kref: KRef, grantee: SubclusterId): void {
    const grantees = contested.get(kref) ?? new Set();
    contested.set(kref, grantees.add(grantee));
  }
};

const isEnded = (row: CapRow | undefined): boolean =>
  row !== undefined && row.every(({ revoked }) => revoked);

/**
 * Everybody who may still pass the object on: whoever has no need of a grant or
 * has dropped what it had, and from there whoever holds a grant that stands.
 * Two who have it only from each other are not among them.
 */
const stillValid = (
  rows: ReadonlyMap<Giver, CapRow>,
): Readonly<{ has(giver: Giver): boolean }> => {
  const reached = new Set<Giver>();
  const has = (giver: Giver): boolean => !rows.has(giver) || reached.has(giver);
  for (let grew = true; grew;) {
    grew = false;
    for (const [grantee, row] of rows) {
      if (
        !reached.has(grantee) &&
        row.some(({ giver, revoked }) => !revoked && has(giver))
      ) {
        reached.add(grantee);
        grew = true;
      }
    }
  }
  return { has };
};
