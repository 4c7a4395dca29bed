/** Ends all vats of a subcluster, for good. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { nothing } from '../shapes.ts';

export const terminateSubcluster = defineMethod({
  name: 'terminateSubcluster',
  summary: 'Ends all vats of a subcluster and forgets their state.',
  params: z.strictObject({ id: z.string() }),
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'terminateSubcluster'>, { id }) => {
    await kernel.terminateSubcluster(id);
    return null;
  },
});
