/** From now on the connection is told of events, as notifications. */
import { ifDefined } from '@ocap/kernel-utils';
import { z } from 'zod';
import { parseCursor } from '../cursor.ts';
import { defineMethod, type RpcPowers } from '../method.ts';

const cursorText = z
  .string()
  .refine(
    (text) => parseCursor(text) !== undefined,
    'must be the cursor of an event or of a subscription, or "oldest"',
  );

export const subscribe = defineMethod({
  name: 'subscribe',
  summary: 'Tells this connection of what happens, as notifications.',
  params: z.strictObject({
    topics: z
      .array(z.enum(['vat', 'subcluster', 'grant', 'remote', 'log']))
      .min(1),
    cursor: cursorText.optional(),
    level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  }),
  result: z.object({ subscription: z.string(), cursor: z.string() }),
  handler: async (
    { subscriptions }: Pick<RpcPowers, 'subscriptions'>,
    { topics, cursor: text, level },
  ) => {
    const cursor = text === undefined ? text : parseCursor(text);
    return subscriptions.add({
      topics: [...new Set(topics)],
      ...ifDefined({ cursor, level }),
    });
  },
  answered: ({ subscriptions }, { subscription }) =>
    subscriptions.begin(subscription),
});
