/** Without its petname an object may be collected once the lease of its clients ends. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { nothing } from '../shapes.ts';

export const removeName = defineMethod({
  name: 'removeName',
  summary: 'Frees a petname.',
  params: z.strictObject({ name: z.string() }),
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'removeName'>, { name }) => {
    await kernel.removeName(name);
    return null;
  },
});
