/** Back to an empty kernel that keeps its identity. */
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';
import { nothing } from '../shapes.ts';

export const clearState = defineMethod({
  name: 'clearState',
  summary:
    'Ends all vats and forgets everything but the identity of the kernel.',
  params: noParams,
  result: nothing,
  handler: async (kernel: Pick<Kernel, 'clearState'>) => {
    await kernel.clearState();
    return null;
  },
});
