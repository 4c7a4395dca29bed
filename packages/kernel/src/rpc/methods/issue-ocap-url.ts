/** A reference as text, to be handed on by whatever means. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';

export const issueOcapURL = defineMethod({
  name: 'issueOcapURL',
  summary: 'Makes a URL for an object; whoever has it can have the object.',
  params: z.strictObject({
    kref: z.string(),
    options: z
      .strictObject({
        expires: z.int().min(0).exactOptional().describe('epoch ms'),
        uses: z.int().min(1).exactOptional(),
        peer: z.string().exactOptional().describe('the only one to redeem it'),
      })
      .exactOptional(),
  }),
  result: z.object({ id: z.string(), url: z.string() }),
  handler: async (kernel: Pick<Kernel, 'issueOcapURL'>, { kref, options }) =>
    kernel.issueOcapURL(kref, options),
});
