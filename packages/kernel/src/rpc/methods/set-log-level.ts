/** What the daemon's log says, changed while it runs. */
import { z } from 'zod';
import { defineMethod, type RpcPowers } from '../method.ts';
import { nothing } from '../shapes.ts';

export const setLogLevel = defineMethod({
  name: 'setLogLevel',
  summary: 'Sets what the daemon logs from now on, until it ends.',
  params: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']) }),
  result: nothing,
  handler: (powers: Pick<RpcPowers, 'setLogLevel'>, { level }) => {
    powers.setLogLevel(level);
    return null;
  },
});
