/** The object behind a URL. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { kref } from '../shapes.ts';

export const redeemOcapURL = defineMethod({
  name: 'redeemOcapURL',
  summary: 'The reference that an object URL stands for, leased to the client.',
  params: z.strictObject({ url: z.string() }),
  result: kref,
  handler: async (kernel: Pick<Kernel, 'redeemOcapURL'>, { url }) =>
    kernel.redeemOcapURL(url),
});
