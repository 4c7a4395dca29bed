/**
 * What a service is: an object in the kernel's process that a cluster config may
 * ask for by name. It is an exo with an interface guard; the guard is its door,
 * and its methods believe their arguments.
 */
import type { Json, KRef, OcapError } from '@ocap/kernel-utils';
import type { Giver, Grantee } from '../store/rows.ts';

/** Who calls, and what the call may give in return. */
export type ServiceCaller = Readonly<{
  /** The subcluster that the service was granted to. */
  grantee: Grantee;
  /** The grant through which it calls. */
  grant: KRef;
  /** The grant that this one was attenuated from, in the end; itself if it was not. */
  root: KRef;
  /** What the service was told when it was granted. */
  params: Json | null;
  /** Why the call need not be answered any more, once it need not. */
  ended(): OcapError | undefined;
  /** The kernel's name for an object that was passed in. */
  krefOf(presence: unknown): KRef;
  /** An object to pass back. It can be called by whoever gets it. */
  presenceOf(kref: KRef): object;
  /** Who is to be named as the giver of what is passed back; else the kernel is. */
  passAs(giver: Giver): void;
  /** A new grant of the same service, of some of its methods, that ends with this one. */
  attenuate(methods: readonly string[]): object;
}>;

export type Service = Readonly<{
  /** Refused to subclusters that are not declared at start. */
  systemOnly: boolean;
  /** Characters of a call at most, where it is less than a message may have. */
  maxCallChars?: number;
  /** Its answers are always small, and given also to a kernel that keeps too much of others. */
  smallAnswers?: true;
  /** The exo that answers this caller; made for each call. */
  makeExo(caller: ServiceCaller): object;
}>;
