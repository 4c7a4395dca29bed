/**
 * Grants of services: each is an object of the kernel's own, one for each
 * grantee, so that one can be revoked without the others. A grant made from
 * another (an attenuated facet) ends with it.
 */
import harden from '@endo/harden';
import {
  KERNEL,
  objectKRef,
  type KRef,
  type SubclusterId,
} from '@ocap/kernel-utils';
import type { KernelContext } from '../context.ts';
import { REVOKED } from '../gone.ts';
import type { GrantRow } from '../store/rows.ts';

export type Grants = Readonly<{
  make(row: GrantRow): KRef;
  get(kref: KRef): GrantRow | undefined;
  /** The grant that this one was made from, in the end. */
  rootOf(kref: KRef): KRef;
  /** Whether it, or a grant that it was made from, was revoked or is gone. */
  isRevoked(kref: KRef): boolean;
  of(subclusterId: SubclusterId): readonly (readonly [KRef, GrantRow])[];
}>;

export const makeGrants = ({
  store,
  refs,
}: Pick<KernelContext, 'store' | 'refs'>): Grants => {
  const isRevoked = (kref: KRef): boolean => {
    const row = store.grants.get(kref);
    const object = store.objects.get(kref);
    return (
      row === undefined ||
      object?.gone === REVOKED ||
      (row.parent !== null && isRevoked(row.parent))
    );
  };
  const rootOf = (kref: KRef): KRef => {
    const parent = store.grants.get(kref)?.parent ?? null;
    return parent === null ? kref : rootOf(parent);
  };
  return harden({
    make: (row: GrantRow) => {
      const kref = objectKRef(store.nextId('object'));
      store.objects.add(kref, {
        owner: KERNEL,
        reachable: 0,
        recognizable: 0,
        gone: null,
      });
      store.grants.add(kref, row);
      if (row.parent !== null) {
        refs.hold(row.parent);
      }
      return kref;
    },
    get: (kref: KRef) => store.grants.get(kref),
    rootOf,
    isRevoked,
    of: (subclusterId: SubclusterId) =>
      [...store.scan().grants()].filter(
        ([, { grantee }]) => grantee === subclusterId,
      ),
  });
};
