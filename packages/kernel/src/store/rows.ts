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
  RemoteId,
  SubclusterId,
  VRef,
  VatId,
} from '@ocap/kernel-utils';
import type { AccessFacet } from '../access-api.ts';
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
  /** Why it is being ended, in slices; null for all others. */
  ending: string | null;
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
  decider: EndpointId | null;
  /** The vats that are told when it settles. */
  subscribers: readonly EndpointId[];
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
  /** Of another kernel: the number of the last frame in which it was named to it. */
  sent?: number;
}>;

/** Who hands on references: a subcluster, the operator's tools, a launch, or the kernel itself. */
export type Giver = Grantee | 'client' | 'launch' | typeof KERNEL;

/** Whoever can be granted something: vats are as their subcluster, another kernel for itself. */
export type Grantee = SubclusterId | RemoteId;

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

export type GcAction =
  | 'dropExport'
  | 'retireExport'
  | 'retireImport'
  /** Another kernel has settled it: it is told that the name is not used any more. */
  | 'forgetPromise';

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
  grantee: Grantee;
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
  /** The hash of the voucher by which it came; its giver, another kernel, can end it. */
  voucher?: string;
  /** The giver itself has ended it, and can give it anew. */
  withdrawn?: boolean;
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
  /** The only peer that may redeem it; null for anybody. */
  peer: string | null;
  /** Why it cannot be redeemed any more; the object is held until then. */
  ended: string | null;
}>;

export type AccessRow = Readonly<{
  /** SHA-256 of the token, hex. */
  tokenHash: string;
  facet: AccessFacet;
  /** What its owner calls it. */
  name: string | null;
  /** Epoch milliseconds. */
  issued: number;
  /** Epoch milliseconds; null for never. */
  expires: number | null;
  /** Why it is of no use any more; an object is held until then. */
  ended: string | null;
}>;

/** Another kernel, and how far the exchange of frames with it has come. */
export type RemoteRow = Readonly<{
  peerId: string;
  /** Multiaddrs at which it may be reached. */
  hints: readonly string[];
  /** A random name for what is known of it since it was first met, or met anew. */
  session: string;
  /** Its own name for the same; null until it has told. */
  theirSession: string | null;
  /** The next number for a name that this kernel allocates in its c-list. */
  nextImport: number;
  /** The number of the last frame that was made for it. */
  sent: number;
  /** The number of the last frame of it that was applied. */
  received: number;
  /** Why it is not listened to any more; null while it is. */
  cut: string | null;
  /** Why what was between the two has ended, while that is being forgotten a part at a time; otherwise null. */
  ending: string | null;
  /** When it was last heard, epoch milliseconds. */
  seenAt: number;
  /** `stranger`: it came by itself, and was never given anything. */
  standing: 'stranger' | 'given' | 'wanted';
}>;

/** An object of another kernel that was passed to a third. */
export type IntroductionRow = Readonly<{
  /** Whose it is. */
  owner: RemoteId;
  /** SHA-256 of the token, hex. */
  hash: string;
  /** Until the third has used it, or has no need of it. */
  token: string | null;
  /** Its owner is still to be told that it has ended, and how. */
  ended: 'returned' | 'revoked' | null;
}>;

/** An object that is, or will be, reached without the kernel from which it came. */
export type ShortcutRow = Readonly<{
  through: RemoteId;
  /** The object as its owner has named it, until everything sent before is there. */
  direct: KRef | null;
}>;

export type EventTopic = 'vat' | 'subcluster' | 'grant' | 'remote';

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
