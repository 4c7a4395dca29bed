/** Which limits apply, and what each is for. */
import { limits, type LimitName } from '@ocap/kernel-utils';
import { z } from 'zod';
import { defineMethod, noParams, type RpcPowers } from '../method.ts';

const names = Object.keys(limits) as LimitName[];

export const getLimits = defineMethod({
  name: 'getLimits',
  summary: 'The limits that apply here, with their units and what each stops.',
  params: noParams,
  result: z
    .array(
      z.object({
        name: z.enum(names),
        value: z.int(),
        usual: z.int(),
        unit: z.enum(['bytes', 'ms', 'count', 'levels']),
        stops: z.string(),
      }),
    )
    .readonly(),
  handler: (powers: Pick<RpcPowers, 'getLimits'>) => powers.getLimits(),
});
