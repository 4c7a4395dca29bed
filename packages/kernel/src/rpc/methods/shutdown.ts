/** Answered first, done afterwards: the caller knows that it was understood. */
import { defineMethod, noParams, type RpcPowers } from '../method.ts';
import { nothing } from '../shapes.ts';

export const shutdown = defineMethod({
  name: 'shutdown',
  summary: 'Stops the daemon; everything acknowledged is on disk.',
  params: noParams,
  result: nothing,
  handler: (powers: Pick<RpcPowers, 'shutdown'>) => {
    powers.shutdown();
    return null;
  },
});
