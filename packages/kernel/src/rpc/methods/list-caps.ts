/** What a vat or a subcluster can reach, and how it came to have it. */
import { z } from 'zod';
import type { CapabilityReport, Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { kref, subclusterId, vatId } from '../shapes.ts';

const grant = z.object({
  id: z.string().describe('a grant id like g1'),
  giver: z.string(),
  via: z.string(),
  at: z.number(),
  revoked: z.boolean(),
});

const ioType = z.enum(['console', 'file', 'folder', 'socket', 'network']);

const report: z.ZodType<CapabilityReport> = z.object({
  subclusterId,
  vats: z
    .array(
      z.object({
        id: vatId,
        name: z.string(),
        globals: z.array(z.string()).readonly(),
        allowedHosts: z.array(z.string()).readonly().exactOptional(),
      }),
    )
    .readonly(),
  caps: z
    .array(
      z.object({
        kref,
        heldBy: z.array(vatId).readonly(),
        names: z.array(z.string()).readonly(),
        state: z.string(),
        service: z.string().exactOptional(),
        methods: z.array(z.string()).readonly().exactOptional(),
        io: z
          .object({ name: z.string(), type: ioType })
          .describe('of an IO channel, as in the config')
          .exactOptional(),
        peer: z.string().exactOptional(),
        owner: z
          .object({ vat: vatId, name: z.string(), subclusterId })
          .exactOptional(),
        origin: z.enum(['own', 'launch', 'grants']),
        grants: z.array(grant).readonly(),
      }),
    )
    .readonly(),
});

export const listCaps = defineMethod({
  name: 'listCaps',
  summary:
    'Everything that a vat or a subcluster can reach, and how it came to have it.',
  params: z.strictObject({ target: z.string() }),
  result: report,
  handler: (kernel: Pick<Kernel, 'listCaps'>, { target }) =>
    kernel.listCaps(target),
});
