/** A petname keeps its object reachable for clients beyond their lease. */
import { z } from 'zod';
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod } from '../method.ts';
import { nothing } from '../shapes.ts';

export const setName = defineMethod({
  name: 'setName',
  summary: 'Gives an object a petname, which also keeps it.',
  params: z.strictObject({ name: z.string(), kref: z.string() }),
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'setName'>, { name, kref }) => {
    await kernel.setName(name, kref);
    return null;
  },
});
