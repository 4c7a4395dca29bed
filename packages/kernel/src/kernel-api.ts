/**
 * What the kernel offers to whoever embeds it: the RPC methods are thin doors
 * over this. All ids and references are the kernel's own names.
 */
import type {
  CapData,
  Json,
  KRef,
  Metric,
  SubclusterId,
  VatId,
} from '@ocap/kernel-utils';
import type { AccessControl } from './access-api.ts';
import type { CapabilityReport } from './caps-api.ts';
import type { RemoteCommsOptions } from './remotes/peer-transport.ts';
import type { RemoteCommsStatus, StorageProblem } from './status-api.ts';
import type { VatGlobal } from './vat-globals.ts';
import type { VatLimitOverrides } from './vat-limits.ts';
import type { EventPlace, KernelEvent, Watch, WatchOptions } from './watch.ts';

export type { Capability, CapabilityReport } from './caps-api.ts';

export type VatConfig = Readonly<{
  /** Where the bundle is: a path, or a `file:`, `http(s):` or `data:` URL. */
  bundleSpec?: string;
  /** Where the source is; it is bundled on the spot. */
  sourceSpec?: string;
  /** An entry of the config's `bundles`. */
  bundleName?: string;
  parameters?: Json;
  placement?: 'own' | 'subcluster' | 'shared';
  /** Limits of its own; see vat-limits.ts for which, and which way they go. */
  limits?: VatLimitOverrides;
  /** What it gets beyond the language, by name; nothing by default. */
  globals?: readonly VatGlobal[];
  /** What its `fetch` reaches: `host`, `host:port`, or `*.host` for what is below it. */
  network?: Readonly<{ allowedHosts: readonly string[] }>;
}>;

/**
 * Something outside of ocap that a config asks for. A relative path is taken
 * from the folder of the database.
 */
export type IoSpec = Readonly<
  | { type: 'console' }
  | { type: 'file'; path: string; access: 'read' | 'write' | 'append' }
  /** Everything below a folder; read only unless `access` is `write`. */
  | { type: 'folder'; path: string; access?: 'read' | 'write' }
  /** A Unix socket that is listened at. */
  | { type: 'socket'; path: string }
  /** A connection that is made. */
  | { type: 'network'; host: string; port: number; tls?: boolean }
>;

export type ClusterConfig = Readonly<{
  bootstrap: string;
  vats: Readonly<Record<string, VatConfig>>;
  bundles?: Readonly<Record<string, Omit<VatConfig, 'bundleName'>>>;
  /** Services that its bootstrap method is given, by name. */
  services?: readonly string[];
  /** IO channels that its bootstrap method is given among the services, by name. */
  io?: Readonly<Record<string, IoSpec>>;
  /** Ends the subclusters that were launched from the same config before. */
  forceReset?: boolean;
}>;

export type LaunchResult = Readonly<{
  subclusterId: SubclusterId;
  rootKref: KRef;
  /** What the bootstrap method answered; absent where the root has none. */
  bootstrapResult?: CapData<KRef>;
  vats: Readonly<Record<string, VatId>>;
}>;

/**
 * `asleep`: no process holds it; the next message wakes it. `busy`: a delivery
 * is running. `halted`: it is given nothing until an operator restarts it.
 */
export type VatState = 'asleep' | 'starting' | 'awake' | 'busy' | 'halted';

export type VatStatus = Readonly<{
  id: VatId;
  name: string;
  subclusterId: SubclusterId;
  config: VatConfig;
  state: VatState;
  /** Why it is halted, if it is. */
  halted?: string;
  /** How often it was started over its durable state, beginning with 1. */
  incarnation: number;
  /** Messages and notifications that wait for it. */
  inbox: number;
  /** Deliveries since the daemon started. */
  deliveries: number;
  /** The process that holds it, while it is awake. */
  host?: Readonly<{ pid: number; memoryBytes: number; vats: number }>;
}>;

export type KernelStatus = Readonly<{
  /** Only while there is one: calls are refused meanwhile. */
  storage?: StorageProblem;
  /** Once other daemons were asked for. */
  remoteComms?: RemoteCommsStatus;
  vats: readonly VatStatus[];
  subclusters: readonly Readonly<{
    id: SubclusterId;
    config: ClusterConfig;
    /** Vat name → vat id. */
    vats: Readonly<Record<string, VatId>>;
    /** The root object of the bootstrap vat, while that vat lives. */
    rootKref?: KRef;
    /** The system subcluster's name, if it is one. */
    system?: string;
  }>[];
  hosts: readonly Readonly<{
    pid: number;
    vats: number;
    /** What the process occupies, garbage included. */
    memoryBytes: number;
    /**
     * What its heap held after the last collection that the kernel asked for, but
     * for compiled code; as the process says itself.
     */
    heapBytes?: number;
    spare: boolean;
  }>[];
}>;

export type ObjectDescription = Readonly<{
  kref: KRef;
  kind: 'object' | 'promise';
  /** Petnames that stand for it. */
  names: readonly string[];
  /** The vat that exports the object or decides the promise. */
  vat?: VatId;
  /** Instead, the peer id of the kernel that does. */
  peer?: string;
  /** `live`, or why it cannot be called; for a promise its state. */
  state: string;
  /** The name in its `Far` or exo, where its vat could be asked. */
  interface?: string;
  methods?: readonly string[];
  /** Method name → guard, as text, for objects with an interface guard. */
  guards?: Readonly<Record<string, string>>;
}>;

export type OcapURLOptions = Readonly<{
  /** Epoch milliseconds after which it cannot be redeemed. */
  expires?: number;
  /** How often it can be redeemed. */
  uses?: number;
  /** The only peer that may redeem it. */
  peer?: string;
}>;

/** `revoke` takes the id. */
export type IssuedUrl = Readonly<{ id: string; url: string }>;

export type AuditReport = Readonly<{
  ok: boolean;
  problems: readonly string[];
}>;

export type QueueMessageOptions = Readonly<{
  /** The same id is applied once and answered alike ever after. */
  requestId?: string;
  /** What references and names stand for, for a client that cannot use all. */
  lookUp?: (ref: string) => KRef;
}>;

export type UpgradeOptions = Readonly<{
  bundleSpec?: string;
  sourceSpec?: string;
  /** By default those that it has. */
  parameters?: Json;
}>;

export type UpgradeResult = Readonly<{ incarnation: number }>;

/** What a query answers, by the names of its columns. */
export type QueryRow = Readonly<Record<string, string | number | null>>;

export type Kernel = Readonly<{
  getStatus(): KernelStatus;
  /**
   * The same, of very many vats in steps between which other work is done: each
   * of them is as it was at some moment since. Rejects with SHUTTING_DOWN.
   */
  readStatus(): KernelStatus | Promise<KernelStatus>;
  /** Of a vat that there is. */
  subclusterOf(vatId: string): SubclusterId | undefined;
  getMetrics(): readonly Metric[];
  launchSubcluster(config: ClusterConfig): Promise<LaunchResult>;
  terminateSubcluster(id: string): Promise<void>;
  terminateVat(id: string): Promise<void>;
  terminateAllVats(): Promise<void>;
  restartVat(id: string): Promise<void>;
  /** New code over the same durable state; rejects with UPGRADE_FAILED, and then nothing has changed. */
  upgradeVat(id: string, options: UpgradeOptions): Promise<UpgradeResult>;
  /** Resolves to `pong` once the vat has answered; rejects with VAT_BUSY if it is stuck. */
  pingVat(id: string): Promise<string>;
  /**
   * Resolves to what the method answered, after it is on disk. Rejects with
   * an `OcapError`; if the vat rejected, with a `RejectedError` (CALL_REJECTED, or the kernel's code)
   * that carries the CapData of the reason.
   */
  queueMessage(
    target: string,
    method: string,
    args: readonly Json[],
    options?: QueueMessageOptions,
  ): Promise<CapData<KRef>>;
  collectGarbage(): Promise<void>;
  /** Ends all vats and forgets everything but the kernel's identity. */
  clearState(): Promise<void>;
  setName(name: string, target: string): Promise<void>;
  removeName(name: string): Promise<void>;
  listNames(): readonly Readonly<{ name: string; kref: KRef }>[];
  /**
   * Ends a reference for everybody who has it, for good; a grant, a URL or an access.
   */
  revoke(target: string): Promise<void>;
  isRevoked(target: string): boolean;
  /** Makes a URL for an object; whoever has it can have the object. */
  issueOcapURL(target: string, options?: OcapURLOptions): Promise<IssuedUrl>;
  /** Listens, and is reachable through relays, from now on and after every restart. */
  initRemoteComms(options: RemoteCommsOptions): Promise<RemoteCommsStatus>;
  /** Where a peer may be reached; one that was cut off gets another chance. */
  registerLocationHints(
    peerId: string,
    hints: readonly string[],
  ): Promise<void>;
  /** The object behind a URL, leased like one that was answered. */
  redeemOcapURL(url: string): Promise<KRef>;
  /** Of a vat, of a subcluster, or of that of an object. */
  listCaps(target: string): CapabilityReport;
  describe(target: string): Promise<ObjectDescription>;
  /**
   * Tells `onEvent` of events once they are on disk. Of what it cannot tell any
   * more, or of a place that is not of this database, it tells as a `gap`, once
   * for each topic; what is kept follows.
   */
  watchEvents(
    options: WatchOptions,
    onEvent: (event: KernelEvent) => void,
  ): Promise<Watch<EventPlace>>;
  audit(): AuditReport;
  /** Puts on disk what is applied, without waiting for more. */
  commit(): void;
  /** Rows of one read-only statement, in this process and to its end: for SQL of one's own. */
  executeDBQuery(sql: string): readonly QueryRow[];
  /** Commits what is applied, ends the hosts, closes the store. Coalesces: later calls get the same promise. */
  stop(): Promise<void>;
}> &
  AccessControl;
