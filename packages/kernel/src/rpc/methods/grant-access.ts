/** A part of this API as a token, for whoever should have no more. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { accessShape } from '../shapes.ts';

export const grantAccess = defineMethod({
  name: 'grantAccess',
  summary:
    'Makes a token for a part of this API: one object, the control of a subcluster, or a look at what runs.',
  params: z.strictObject({
    kind: z.enum(['object', 'subcluster', 'status']),
    target: z
      .string()
      .exactOptional()
      .describe('a reference, petname or subcluster id'),
    expires: z.int().min(0).exactOptional().describe('epoch ms'),
    name: z.string().exactOptional(),
  }),
  result: z.object({ ...accessShape, token: z.string() }),
  handler: async (kernel: Pick<Kernel, 'grantAccess'>, request) =>
    kernel.grantAccess(request),
});
