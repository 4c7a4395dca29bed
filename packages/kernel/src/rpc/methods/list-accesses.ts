/** Who was given a part of this API. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';
import { access } from '../shapes.ts';

export const listAccesses = defineMethod({
  name: 'listAccesses',
  summary: 'All accesses, also those that have ended; without their tokens.',
  params: noParams,
  result: z.array(access).readonly(),
  handler: (kernel: Pick<Kernel, 'listAccesses'>) => kernel.listAccesses(),
});
