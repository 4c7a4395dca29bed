/** Takes a vat out of its process and starts it anew over its durable state. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { nothing } from '../shapes.ts';

export const restartVat = defineMethod({
  name: 'restartVat',
  summary: 'Starts a vat anew over its durable state.',
  params: z.strictObject({ id: z.string() }),
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'restartVat'>, { id }) => {
    await kernel.restartVat(id);
    return null;
  },
});
