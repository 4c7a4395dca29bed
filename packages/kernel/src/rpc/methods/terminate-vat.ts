/** Ends one vat, for good. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { nothing } from '../shapes.ts';

export const terminateVat = defineMethod({
  name: 'terminateVat',
  summary: 'Ends a vat and forgets its state.',
  params: z.strictObject({ id: z.string() }),
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'terminateVat'>, { id }) => {
    await kernel.terminateVat(id);
    return null;
  },
});
