/** Whether a vat answers at all; a stuck one is reported as busy, not waited for. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';

export const pingVat = defineMethod({
  name: 'pingVat',
  summary: 'Answers "pong" once the vat has answered.',
  params: z.strictObject({ id: z.string() }),
  result: z.string(),
  handler: async (kernel: Pick<Kernel, 'pingVat'>, { id }) =>
    kernel.pingVat(id),
});
