/** Recomputes every invariant of the store. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';

export const audit = defineMethod({
  name: 'audit',
  summary: 'Checks every invariant of the store.',
  params: noParams,
  result: z.object({
    ok: z.boolean(),
    problems: z.array(z.string()).readonly(),
  }),
  handler: (kernel: Pick<Kernel, 'audit'>) => kernel.audit(),
});
