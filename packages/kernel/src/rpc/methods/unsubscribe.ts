/** Ends one subscription of this connection; after the answer it tells nothing more. */
import { z } from 'zod';
import { defineMethod, type RpcPowers } from '../method.ts';
import { nothing } from '../shapes.ts';

export const unsubscribe = defineMethod({
  name: 'unsubscribe',
  summary: 'Ends a subscription of this connection.',
  params: z.strictObject({ subscription: z.string() }),
  result: nothing,
  handler: (
    { subscriptions }: Pick<RpcPowers, 'subscriptions'>,
    { subscription },
  ) => {
    subscriptions.remove(subscription);
    return null;
  },
});
