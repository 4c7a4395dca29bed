/** Ends a reference for everybody who has it, for good. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { nothing } from '../shapes.ts';

export const revoke = defineMethod({
  name: 'revoke',
  summary: 'Ends a reference for everybody who has it, for good.',
  params: z.strictObject({ kref: z.string() }),
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'revoke'>, { kref }) => {
    await kernel.revoke(kref);
    return null;
  },
});
