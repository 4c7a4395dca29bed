/** Whether a reference was revoked. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';

export const isRevoked = defineMethod({
  name: 'isRevoked',
  summary: 'Whether a reference was revoked.',
  params: z.strictObject({ kref: z.string() }),
  result: z.boolean(),
  handler: (kernel: Pick<Kernel, 'isRevoked'>, { kref }) =>
    kernel.isRevoked(kref),
});
