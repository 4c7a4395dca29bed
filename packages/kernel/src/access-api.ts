/**
 * Access: a capability to the RPC surface itself, as the kernel offers it.
 * Whoever has its token has the part of the surface that it is for.
 */
import type { KRef, SubclusterId } from '@ocap/kernel-utils';

/** What an access is for. */
export type AccessFacet =
  /** One object, and what its answers bring. */
  | Readonly<{
      kind: 'object';
      ref: KRef;
      /** The name that it was granted under, which stands for it. */
      petname?: string;
    }>
  /** What one subcluster is doing, and its control. */
  | Readonly<{ kind: 'subcluster'; subclusterId: SubclusterId }>
  /** To look at what runs. */
  | Readonly<{ kind: 'status' }>;

export type Access = Readonly<{
  /** `a1`; `revoke` takes it. */
  id: string;
  facet: AccessFacet;
  name?: string;
  /** Epoch milliseconds. */
  issued: number;
  /** Epoch milliseconds; absent for never. */
  expires?: number;
  /** Why it is of no use any more. */
  ended?: string;
}>;

export type AccessRequest = Readonly<{
  kind: AccessFacet['kind'];
  /** The reference or petname of an object, or the id of a subcluster. */
  target?: string;
  /** Epoch milliseconds after which it is of no use. */
  expires?: number;
  /** Of the form of a petname; stands for the object of one. */
  name?: string;
}>;

/** The token is told here and never again: the store has only its hash. */
export type GrantedAccess = Access & Readonly<{ token: string }>;

export type AccessControl = Readonly<{
  /** @throws ARGUMENT_INVALID, NAME_INVALID, NAME_UNKNOWN, REF_UNKNOWN, SUBCLUSTER_UNKNOWN */
  grantAccess(request: AccessRequest): Promise<GrantedAccess>;
  /** The access that a token is of. @throws ACCESS_UNKNOWN, ACCESS_ENDED, LIMIT_REACHED */
  authorize(token: string): Access;
  /** Throws unless the access of this id is still good. @throws ACCESS_ENDED */
  insistAccess(id: string): void;
  /** All of them, also those that have ended. */
  listAccesses(): readonly Access[];
}>;
