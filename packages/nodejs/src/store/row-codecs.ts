/**
 * How the kernel's rows lie in SQL columns. One codec per table that has more
 * than a key and a value: `toRow` reads what SQLite returned, `toColumns` gives
 * the bound parameters in the order of the statement that writes them.
 */
import type {
  CapData,
  KRef,
  OwnerId,
  SubclusterId,
  VRef,
  VatId,
} from '@ocap/kernel-utils';
import type {
  CapRow,
  ClistRow,
  EventRow,
  EventTopic,
  Giver,
  Grantee,
  GrantRow,
  InboxRow,
  ObjectRow,
  PromiseQueueRow,
  PromiseRow,
  RequestRow,
  SubclusterRow,
  UrlRow,
  VatRow,
  WakeupRow,
} from '@ocap/kernel';

export type Column = string | number | null;
export type Columns = Readonly<Record<string, Column>>;
export type Codec<Row> = Readonly<{
  toRow(columns: Columns): Row;
  toColumns(row: Row): readonly Column[];
}>;

const text = (value: Column | undefined): string => value as string;
const parse = <T>(value: Column | undefined): T =>
  JSON.parse(value as string) as T;

const capData = (
  body: Column | undefined,
  slots: Column | undefined,
): CapData<KRef> =>
  Object.freeze({ body: text(body), slots: parse<KRef[]>(slots) });
const capDataOrNull = (
  body: Column | undefined,
  slots: Column | undefined,
): CapData<KRef> | null =>
  body === null || body === undefined ? null : capData(body, slots);
const bodyAndSlots = (data: CapData<KRef> | null): readonly Column[] =>
  data === null ? [null, null] : [data.body, JSON.stringify(data.slots)];

/** Those written before it was recorded came from a client or do not matter. */
export const sender = (c: Columns): Giver => (c['sender'] ?? 'client') as Giver;

export const vatCodec = {
  toRow: (c: Columns): VatRow => ({
    id: c['id'] as VatId,
    name: text(c['name']),
    subclusterId: c['subcluster_id'] as SubclusterId,
    config: parse(c['config']),
    bundleHash: text(c['bundle_hash']),
    parameters: capData(c['parameters_body'], c['parameters_slots']),
    incarnation: Number(c['incarnation']),
    nextImport: Number(c['next_import']),
    halted: c['halted'] as string | null,
    ending: c['ending'] as string | null,
  }),
  toColumns: (row: VatRow): readonly Column[] => [
    row.name,
    row.subclusterId,
    JSON.stringify(row.config),
    row.bundleHash,
    ...bodyAndSlots(row.parameters),
    row.incarnation,
    row.nextImport,
    row.halted,
    row.ending,
  ],
};

export const subclusterCodec = {
  toRow: (c: Columns): SubclusterRow => ({
    id: c['id'] as SubclusterId,
    config: parse(c['config']),
    bootstrap: c['bootstrap'] as VatId,
    system: c['system'] as string | null,
  }),
  toColumns: (row: SubclusterRow): readonly Column[] => [
    JSON.stringify(row.config),
    row.bootstrap,
    row.system,
  ],
};

export const objectCodec = {
  toRow: (c: Columns): ObjectRow => ({
    owner: c['owner'] as OwnerId | null,
    reachable: Number(c['reachable']),
    recognizable: Number(c['recognizable']),
    gone: c['gone'] as string | null,
  }),
  toColumns: (row: ObjectRow): readonly Column[] => [
    row.owner,
    row.reachable,
    row.recognizable,
    row.gone,
  ],
};

export const promiseCodec = {
  toRow: (c: Columns): PromiseRow => ({
    state: c['state'] as PromiseRow['state'],
    decider: c['decider'] as VatId | null,
    subscribers: parse(c['subscribers']),
    refs: Number(c['refs']),
    data: capDataOrNull(c['body'], c['slots']),
    awaited: c['awaited'] === 1,
    requestId: c['request_id'] as string | null,
    settledBy: c['settled_by'] as Giver | null,
  }),
  toColumns: (row: PromiseRow): readonly Column[] => [
    row.state,
    row.decider,
    JSON.stringify(row.subscribers),
    row.refs,
    ...bodyAndSlots(row.data),
    row.awaited ? 1 : 0,
    row.requestId,
    row.settledBy,
  ],
};

export const clistCodec = {
  toRow: (c: Columns): ClistRow => ({
    vref: c['vref'] as VRef,
    reachable: c['reachable'] === 1,
    ...(typeof c['sent'] === 'number' ? { sent: c['sent'] } : {}),
  }),
  toColumns: (row: ClistRow): readonly Column[] => [
    row.vref,
    row.reachable ? 1 : 0,
    row.sent ?? null,
  ],
};

export const inboxCodec = {
  toRow: (c: Columns): InboxRow => {
    const common = {
      vatId: c['vat_id'] as OwnerId,
      attempts: Number(c['attempts']),
      target: c['target'] as KRef,
    };
    return c['kind'] === 'notify'
      ? { ...common, kind: 'notify' }
      : {
          ...common,
          kind: 'message',
          sender: sender(c),
          methargs: capData(c['body'], c['slots']),
          result: c['result'] as KRef | null,
        };
  },
  toColumns: (row: InboxRow): readonly Column[] => [
    row.vatId,
    row.kind,
    row.target,
    ...bodyAndSlots(row.kind === 'message' ? row.methargs : null),
    row.kind === 'message' ? row.result : null,
    row.attempts,
    row.kind === 'message' ? row.sender : null,
  ],
};

export const promiseQueueCodec = {
  toRow: (c: Columns): PromiseQueueRow => ({
    sender: sender(c),
    target: c['promise'] as KRef,
    methargs: capData(c['body'], c['slots']),
    result: c['result'] as KRef | null,
  }),
  toColumns: (row: PromiseQueueRow): readonly Column[] => [
    row.target,
    ...bodyAndSlots(row.methargs),
    row.result,
    row.sender,
  ],
};

export const grantCodec = {
  toRow: (c: Columns): GrantRow => ({
    service: text(c['service']),
    grantee: c['grantee'] as Grantee,
    methods: c['methods'] === null ? null : parse(c['methods']),
    parent: c['parent'] as KRef | null,
    params: c['params'] === null ? null : parse(c['params']),
  }),
  toColumns: (row: GrantRow): readonly Column[] => [
    row.service,
    row.grantee,
    row.methods === null ? null : JSON.stringify(row.methods),
    row.parent,
    row.params === null ? null : JSON.stringify(row.params),
  ],
};

export const capCodec = {
  toRow: (c: Columns): CapRow => parse(c['grants']),
  toColumns: (row: CapRow): readonly Column[] => [
    JSON.stringify(row),
    row.some(({ revoked }) => revoked) ? 1 : 0,
  ],
};

export const wakeupCodec = {
  toRow: (c: Columns): WakeupRow => ({
    due: Number(c['due']),
    every: c['every'] as number | null,
    grant: c['grant_'] as KRef,
    handler: c['handler'] as KRef,
  }),
  toColumns: (row: WakeupRow): readonly Column[] => [
    row.due,
    row.every,
    row.grant,
    row.handler,
  ],
};

export const urlCodec = {
  toRow: (c: Columns): UrlRow => ({
    tokenHash: text(c['token_hash']),
    kref: c['kref'] as KRef,
    issuer: c['issuer'] as Giver,
    expires: c['expires'] as number | null,
    uses: c['uses'] as number | null,
    ended: c['ended'] as string | null,
    peer: c['peer'] as string | null,
  }),
  toColumns: (row: UrlRow): readonly Column[] => [
    row.tokenHash,
    row.kref,
    row.issuer,
    row.expires,
    row.uses,
    row.ended,
    row.peer,
  ],
};

export const eventCodec = {
  toRow: (c: Columns): EventRow => ({
    at: Number(c['at']),
    topic: c['topic'] as EventTopic,
    type: text(c['type']),
    about: parse(c['about']),
  }),
  toColumns: (row: EventRow): readonly Column[] => [
    row.at,
    row.topic,
    row.type,
    JSON.stringify(row.about),
  ],
};

export const requestCodec = {
  toRow: (c: Columns): RequestRow => ({
    fingerprint: text(c['fingerprint']),
    promise: c['promise'] as KRef | null,
    outcome: c['outcome'] as RequestRow['outcome'],
    data: capDataOrNull(c['body'], c['slots']),
    expires: Number(c['expires']),
  }),
  toColumns: (row: RequestRow): readonly Column[] => [
    row.fingerprint,
    row.promise,
    row.outcome,
    ...bodyAndSlots(row.data),
    row.expires,
  ],
};
