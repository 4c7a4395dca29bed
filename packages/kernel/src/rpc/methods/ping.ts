/** Whether the daemon answers, asked by `ocap daemon stop` before it does worse. */
import { z } from 'zod';
import { defineMethod, noParams } from '../method.ts';

export const ping = defineMethod({
  name: 'ping',
  summary: 'Answers "pong".',
  params: noParams,
  result: z.literal('pong'),
  handler: () => 'pong' as const,
});
