/** Where a peer is. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';

export const registerLocationHints = defineMethod({
  name: 'registerLocationHints',
  summary:
    'Tells where a peer may be reached; one that was cut off gets another chance.',
  params: z.strictObject({
    peerId: z.string().min(20).max(100),
    hints: z.array(z.string().max(500)).max(16).readonly(),
  }),
  result: z.null(),
  handler: async (
    kernel: Pick<Kernel, 'registerLocationHints'>,
    { peerId, hints },
  ) => {
    await kernel.registerLocationHints(peerId, hints);
    return null;
  },
});
