/**
 * The connection is from the next request on what a token is for. If it is for
 * nothing, the connection has nothing either: what was meant to be done with less
 * must not be done with more.
 */
import { z } from 'zod';
import { defineMethod, type RpcPowers } from '../method.ts';
import { access } from '../shapes.ts';

export const authorize = defineMethod({
  name: 'authorize',
  summary:
    'Makes this connection, for all that follows, what the token of an access is for.',
  params: z.strictObject({ token: z.string() }),
  result: access,
  handler: (powers: Pick<RpcPowers, 'authorize'>, { token }) =>
    powers.authorize(token),
});
