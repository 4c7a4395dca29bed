/**
 * What the kernel knows about vats while it runs, and forgets with the process:
 * which host holds a vat and which deliveries are under way. A vat without an
 * entry is asleep.
 */
import harden from '@endo/harden';
import type { KRef, SubclusterId, VatId } from '@ocap/kernel-utils';
import type { VatHost } from './powers.ts';
import type { InboxRow, VatRow } from './store/rows.ts';

/** A delivery that was sent to a host and has not come back. */
export type InFlight = Readonly<{ seq: number }> &
  (
    | Readonly<{ kind: 'start' }>
    | Readonly<{
        kind: 'inbox';
        inboxSeq: number;
        row: InboxRow;
        /** References in what it is told. */
        received: number;
        /** Promises that the vat has done with once it has been told. */
        retire: readonly KRef[];
      }>
    | Readonly<{
        kind: 'gc';
        action: 'dropExport' | 'retireExport' | 'retireImport';
        krefs: readonly KRef[];
      }>
    | Readonly<{ kind: 'boyd' | 'turn' }>
  );

export type HostRuntime = {
  readonly process: VatHost;
  readonly group: string;
  readonly vats: Map<VatId, VatRuntime>;
  /** What the host works off, in this order. */
  readonly queue: { vatId: VatId; seq: number }[];
  /** When the head of the queue could begin, monotonic ms; later by what passed while this process looked after nothing. */
  headSince: number;
  /** It was told to end: what it still says does not count. */
  condemned: boolean;
  nextSeq: number;
  /** What its heap held after the last collection, as it says itself. */
  heapBytes: number | undefined;
  readonly pings: Map<number, () => void>;
};

/** What the lines of a vat in the log are found by, also when it is gone. */
type LogFields = Readonly<{
  vat: VatId;
  name?: string;
  subcluster?: SubclusterId;
}>;

export const logFieldsOf = ({ id, name, subclusterId }: VatRow): LogFields => ({
  vat: id,
  name,
  subcluster: subclusterId,
});

export type VatRuntime = {
  readonly id: VatId;
  /** Only the id before its first start in this daemon. */
  logFields: LogFields;
  /** How many characters it may write to its console now; undefined if that is plenty. */
  consoleRoom(): number | undefined;
  state: 'asleep' | 'starting' | 'awake';
  /** While it is, the vat is given nothing. */
  held: boolean;
  /** What is still to be done before its next start, a slice for each call. */
  preparation: (() => boolean) | undefined;
  /** Its host has something waiting for it. */
  turnWanted: boolean;
  /** Its heap has timers, or waits for an answer to a request. */
  isWaiting: boolean;
  /** Its requests that are under way, by its own numbers for them. */
  readonly fetches: Map<number, AbortController>;
  /** The last delivery that came back from its host. */
  confirmed: number;
  /** When a delivery of it last ended that was not the collector's, monotonic ms. */
  activeAt: number;
  /** How long a delivery to it may take, if its config says so, in ms. */
  deliveryMs: number | undefined;
  /** Why it lost its heap, if it did since this daemon started. */
  lossReason: string | undefined;
  host: HostRuntime | undefined;
  readonly inFlight: InFlight[];
  /** The last inbox item that was sent. */
  lastSent: number;
  deliveries: number;
  /** Deliveries since its dead objects were last collected; large ones count for several. */
  sinceCollection: number;
  /** Method names of the root object, once it has started. */
  methods: readonly string[] | undefined;
  /** Told when it is awake, or why it did not start. */
  readonly onStarted: ((problem: string | undefined) => void)[];
};

/** Notes a delivery as the next that the vat's host works off; returns its number. */
export const enqueue = (
  host: HostRuntime,
  vat: VatRuntime,
  inFlight: (seq: number) => InFlight,
  now: number,
): number => {
  const seq = (host.nextSeq += 1);
  if (host.queue.length === 0) {
    host.headSince = now;
  }
  host.queue.push({ vatId: vat.id, seq });
  vat.inFlight.push(inFlight(seq));
  return seq;
};

export type VatRuntimes = Readonly<{
  /** Every vat that exists. */
  ids: Set<VatId>;
  hosts: Set<HostRuntime>;
  /** Whether a host has something to work off. */
  isBusy(): boolean;
  get(vatId: VatId): VatRuntime;
  peek(vatId: VatId): VatRuntime | undefined;
  forget(vatId: VatId): void;
}>;

export const makeVatRuntime = (id: VatId): VatRuntime => ({
  id,
  logFields: { vat: id },
  consoleRoom: () => undefined,
  state: 'asleep',
  held: false,
  preparation: undefined,
  turnWanted: false,
  isWaiting: false,
  fetches: new Map(),
  confirmed: 0,
  activeAt: 0,
  deliveryMs: undefined,
  lossReason: undefined,
  host: undefined,
  inFlight: [],
  lastSent: 0,
  deliveries: 0,
  sinceCollection: 0,
  methods: undefined,
  onStarted: [],
});

export const makeVatRuntimes = (existing: Iterable<VatId>): VatRuntimes => {
  const runtimes = new Map<VatId, VatRuntime>();
  const ids = new Set(existing);
  const hosts = new Set<HostRuntime>();
  return harden({
    ids,
    hosts,
    isBusy: () => {
      for (const { queue } of hosts) {
        if (queue.length > 0) {
          return true;
        }
      }
      return false;
    },
    get: (id: VatId) => {
      const known = runtimes.get(id);
      if (known !== undefined) {
        return known;
      }
      const made = makeVatRuntime(id);
      runtimes.set(id, made);
      return made;
    },
    peek: (id: VatId) => runtimes.get(id),
    forget: (id: VatId) => {
      runtimes.delete(id);
      ids.delete(id);
    },
  });
};
