/** The petnames of this daemon and what they stand for. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';
import { kref } from '../shapes.ts';

export const listNames = defineMethod({
  name: 'listNames',
  summary: 'All petnames and the references they stand for.',
  params: noParams,
  result: z.array(z.object({ name: z.string(), kref })).readonly(),
  handler: (kernel: Pick<Kernel, 'listNames'>) => kernel.listNames(),
});
