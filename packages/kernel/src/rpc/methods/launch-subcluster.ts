/** All vats of a config are started, or none. */
import { z } from 'zod';
import { clusterConfigSchema } from '../../cluster-config.ts';
import type { Kernel, LaunchResult } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { capData, kref, subclusterId, vatId } from '../shapes.ts';

const launchResult: z.ZodType<LaunchResult> = z.object({
  subclusterId,
  rootKref: kref,
  bootstrapResult: capData.exactOptional(),
  vats: z.record(z.string(), vatId),
});

export const launchSubcluster = defineMethod({
  name: 'launchSubcluster',
  summary: 'Starts all vats of a cluster config, or none.',
  params: z.strictObject({ config: clusterConfigSchema }),
  result: launchResult,
  handler: async (kernel: Pick<Kernel, 'launchSubcluster'>, { config }) =>
    kernel.launchSubcluster(config),
});
