/** The vats, the subclusters and the processes that hold them, as they are now. */
import type { Kernel } from '../../kernel-api.ts';
import { defineMethod, noParams } from '../method.ts';
import { kernelStatus } from '../shapes.ts';

export const getStatus = defineMethod({
  name: 'getStatus',
  summary: 'Vats, subclusters and vat hosts, with their state.',
  params: noParams,
  result: kernelStatus,
  handler: (kernel: Pick<Kernel, 'readStatus'>) => kernel.readStatus(),
});
