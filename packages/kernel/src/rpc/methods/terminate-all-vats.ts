/** Ends every vat, whatever any of them is doing. */
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';
import { nothing } from '../shapes.ts';

export const terminateAllVats = defineMethod({
  name: 'terminateAllVats',
  summary: 'Ends all vats.',
  params: noParams,
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'terminateAllVats'>) => {
    await kernel.terminateAllVats();
    return null;
  },
});
