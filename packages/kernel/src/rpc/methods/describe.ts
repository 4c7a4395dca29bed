/** What one can know of an object without calling it on behalf of somebody. */
import { z } from 'zod';
import type { Kernel, ObjectDescription } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { kref, vatId } from '../shapes.ts';

const description: z.ZodType<ObjectDescription> = z.object({
  kref,
  kind: z.enum(['object', 'promise']),
  names: z.array(z.string()).readonly(),
  vat: vatId.exactOptional(),
  peer: z.string().exactOptional(),
  state: z.string(),
  interface: z.string().exactOptional(),
  methods: z.array(z.string()).readonly().exactOptional(),
  guards: z.record(z.string(), z.string()).exactOptional(),
});

export const describe = defineMethod({
  name: 'describe',
  summary: 'The vat, the state, the interface and the methods of an object.',
  params: z.strictObject({ kref: z.string() }),
  result: description,
  handler: async (kernel: Pick<Kernel, 'describe'>, params) =>
    kernel.describe(params.kref),
});
