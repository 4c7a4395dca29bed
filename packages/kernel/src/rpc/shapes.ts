/** Schemas that several methods share: results as clients see them. */
import {
  isKRef,
  isRemoteId,
  isSubclusterId,
  isVatId,
  type CapData,
  type KRef,
  type SubclusterId,
  type VatId,
} from '@ocap/kernel-utils';
import { z } from 'zod';
import type { Access } from '../access-api.ts';
import { clusterConfigSchema, vatConfigSchema } from '../cluster-config.ts';
import type {
  ClusterConfig,
  KernelStatus,
  VatConfig,
  VatStatus,
} from '../kernel-api.ts';
import type { RemoteCommsStatus } from '../status-api.ts';

const text = <Text extends string>(
  is: (value: unknown) => value is Text,
  description: string,
): z.ZodType<Text> =>
  z.string().refine(is, `must be ${description}`).describe(description);

export const kref: z.ZodType<KRef> = text(isKRef, 'a reference like ko12');
export const vatId: z.ZodType<VatId> = text(isVatId, 'a vat id like v1');
export const subclusterId: z.ZodType<SubclusterId> = text(
  isSubclusterId,
  'a subcluster id like s1',
);

export const capData: z.ZodType<CapData<KRef>> = z.object({
  body: z.string(),
  slots: z.array(kref).readonly(),
});

/** Of an access, without its token. */
export const accessShape = {
  id: z.string().describe('an access id like a1'),
  facet: z.union([
    z.object({
      kind: z.literal('object'),
      ref: kref,
      petname: z.string().exactOptional(),
    }),
    z.object({ kind: z.literal('subcluster'), subclusterId }),
    z.object({ kind: z.literal('status') }),
  ]),
  name: z.string().exactOptional(),
  issued: z.int(),
  expires: z.int().exactOptional(),
  ended: z.string().exactOptional(),
};
export const access: z.ZodType<Access> = z.object(accessShape);

/** For methods that have nothing to say: `null`, as JSON has no `undefined`. */
export const nothing = z.null();

// Configs were parsed when they came in. Checking them again in every answer
// made getStatus of 50 vats ten times as dear, so they are believed here.
const believed = <Value>(schema: z.ZodType<Value>): z.ZodType<Value> =>
  z.any().meta(z.toJSONSchema(schema, { unrepresentable: 'any' }));

const vatStatus: z.ZodType<VatStatus> = z.object({
  id: vatId,
  name: z.string(),
  subclusterId,
  config: believed<VatConfig>(vatConfigSchema),
  state: z.enum(['asleep', 'starting', 'awake', 'busy', 'halted']),
  halted: z.string().exactOptional(),
  incarnation: z.int(),
  inbox: z.int(),
  deliveries: z.int(),
  host: z
    .object({ pid: z.int(), memoryBytes: z.number(), vats: z.int() })
    .exactOptional(),
});

export const remoteComms: z.ZodType<RemoteCommsStatus> = z.object({
  peerId: z.string(),
  addresses: z.array(z.string()).readonly(),
  problem: z.string().exactOptional(),
  peers: z
    .array(
      z.object({
        id: text(isRemoteId, 'another kernel, like r1'),
        peerId: z.string(),
        state: z.enum(['connected', 'connecting', 'away', 'cut']),
        relayed: z.boolean().exactOptional(),
        problem: z.string().exactOptional(),
        queued: z.int(),
        inbox: z.int(),
        parked: z.int(),
        answers: z.int(),
        answerChars: z.int(),
        seenAt: z.int(),
        hints: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
});

export const kernelStatus: z.ZodType<KernelStatus> = z.object({
  storage: z.object({ problem: z.string(), since: z.number() }).exactOptional(),
  remoteComms: remoteComms.exactOptional(),
  vats: z.array(vatStatus).readonly(),
  subclusters: z
    .array(
      z.object({
        id: subclusterId,
        config: believed<ClusterConfig>(clusterConfigSchema),
        vats: z.record(z.string(), vatId),
        rootKref: kref.exactOptional(),
        system: z.string().exactOptional(),
      }),
    )
    .readonly(),
  hosts: z
    .array(
      z.object({
        pid: z.int(),
        vats: z.int(),
        memoryBytes: z.number(),
        heapBytes: z.number().exactOptional(),
        spare: z.boolean(),
      }),
    )
    .readonly(),
});
