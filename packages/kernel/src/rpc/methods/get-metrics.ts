/** How the daemon is doing, in numbers. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';

export const getMetrics = defineMethod({
  name: 'getMetrics',
  summary:
    'Numbers that a monitoring system collects: what there is, and what was done since the daemon started.',
  params: noParams,
  result: z
    .array(
      z.object({
        name: z.string(),
        type: z.enum(['gauge', 'counter']),
        help: z.string(),
        samples: z
          .array(
            z.object({
              labels: z.record(z.string(), z.string()).exactOptional(),
              value: z.number(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
  handler: (powers: Pick<Kernel, 'getMetrics'>) => powers.getMetrics(),
});
