/**
 * The rows of the store as the kernel sees them: frozen values, replaced whole.
 * What each table means is told in the schema; both must be changed together.
 */
import type {
  CapData,
  EndpointId,
  Json,
  KERNEL,
  KRef,
  OwnerId,
  SubclusterId,
  VRef,
  VatId,
} from '@ocap/kernel-utils';
import type { ClusterConfig, VatConfig } from '../kernel-api.ts';

export type VatRow = Readonly<{
  id: VatId;
  name: string;
  subclusterId: SubclusterId;
  config: VatConfig;
  /** SHA-256 of the bundle, hex. */
  bundleHash: string;
  parameters: CapData<KRef>;
  /** How often it was started over its durable state. */
  incarnation: number;
  /** The next number for a vref that the kernel allocates in this vat's c-list. */
  nextImport: number;
  /** Why it is given nothing more; null while it runs. */
  halted: string | null;
}>;

export type SubclusterRow = Readonly<{
  id: SubclusterId;
  config: ClusterConfig;
  bootstrap: VatId;
  /** The name under which it was declared as a system subcluster. */
  system: string | null;
}>;

export type ObjectRow = Readonly<{
  /** The vat that exports it; null when nobody can answer for it any more. */
  owner: OwnerId | null;
  /** References through which it can be called. */
  reachable: number;
  /** References that can at least tell it apart; never less than `reachable`. */
  recognizable: number;
  /** Why calls to it fail, once they do. A revoked object keeps its owner. */
  gone: string | null;
}>;

export type PromiseRow = Readonly<{
  state: 'unresolved' | 'fulfilled' | 'rejected';
  /** The only endpoint that may resolve it; null while its message is queued. */
  decider: VatId | null;
  /** The vats that are told when it settles. */
  subscribers: readonly VatId[];
  refs: number;
  data: CapData<KRef> | null;
  /** Who settled it; null while nobody has. */
  settledBy: Giver | null;
  /** Whether somebody at the socket waits for it. */
  awaited: boolean;
  /** The idempotency id of the call whose result it is. */
  requestId: string | null;
}>;

export type ClistRow = Readonly<{
  vref: VRef;
  /** Import: the vat can call it. Export: the kernel still needs it to be kept. */
  reachable: boolean;
}>;

/** Who hands on references: a subcluster, the operator's tools, a launch, or the kernel itself. */
export type Giver = SubclusterId | 'client' | 'launch' | typeof KERNEL;

export type Message = Readonly<{
  sender: Giver;
  target: KRef;
  /** CapData of `[method, args]`. */
  methargs: CapData<KRef>;
  result: KRef | null;
}>;

export type InboxRow = Readonly<{
  vatId: OwnerId;
  /** How many hosts have died over it. */
  attempts: number;
}> &
  (
    | (Message & Readonly<{ kind: 'message' }>)
    | Readonly<{ kind: 'notify'; target: KRef }>
  );

export type PromiseQueueRow = Message;

export type GcAction = 'dropExport' | 'retireExport' | 'retireImport';

export type RequestRow = Readonly<{
  /** What was asked, to tell a retry from another call. */
  fingerprint: string;
  /** The result promise, until it settles. */
  promise: KRef | null;
  /** `refused`: rejected by the kernel itself. */
  outcome: 'fulfilled' | 'rejected' | 'refused' | null;
  data: CapData<KRef> | null;
  /** Epoch milliseconds after which the record may go. */
  expires: number;
}>;

export type GrantRow = Readonly<{
  service: string;
  /** The subcluster that it was granted to. */
  grantee: SubclusterId;
  /** The methods that it is limited to; null for all. */
  methods: readonly string[] | null;
  /** The grant that it was made from, and ends with. */
  parent: KRef | null;
  /** What the service was told about it. */
  params: Json | null;
}>;

/** One way in which a subcluster came to have an object of another. */
export type CapGrant = Readonly<{
  /** `g1`. */
  id: string;
  giver: Giver;
  /** For people: the message in which it came. */
  via: string;
  /** Epoch milliseconds. */
  at: number;
  revoked: boolean;
}>;

export type CapRow = readonly CapGrant[];

export type WakeupRow = Readonly<{
  /** Epoch milliseconds. */
  due: number;
  /** Milliseconds to the next one; null for once. */
  every: number | null;
  /** The grant of the clock; the wake-up ends with it. */
  grant: KRef;
  handler: KRef;
}>;

export type UrlRow = Readonly<{
  /** SHA-256 of the token, hex. */
  tokenHash: string;
  kref: KRef;
  issuer: Giver;
  /** Epoch milliseconds; null for never. */
  expires: number | null;
  /** Redemptions left; null for any number. */
  uses: number | null;
  /** Why it cannot be redeemed any more; the object is held until then. */
  ended: string | null;
}>;

export type EventTopic = 'vat' | 'subcluster' | 'grant';

export type EventRow = Readonly<{
  /** Epoch milliseconds. */
  at: number;
  topic: EventTopic;
  type: string;
  about: Readonly<Record<string, Json>>;
}>;

export type LeaseRow = Readonly<{
  /** Epoch milliseconds. */
  expires: number;
}>;

export type ClistEntry = Readonly<{ endpoint: EndpointId; kref: KRef }> &
  ClistRow;
