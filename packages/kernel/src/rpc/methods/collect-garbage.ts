/** Lets every vat drop what it no longer needs, and the kernel with them. */
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';
import { nothing } from '../shapes.ts';

export const collectGarbage = defineMethod({
  name: 'collectGarbage',
  summary: 'Collects garbage in all vats and in the kernel.',
  params: noParams,
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'collectGarbage'>) => {
    await kernel.collectGarbage();
    return null;
  },
});
