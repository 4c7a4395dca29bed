/** The description of all methods, made from the table that also checks them. */
import { z } from 'zod';
import { defineMethod, noParams, type RpcPowers } from '../method.ts';

export const rpcDiscover = defineMethod({
  name: 'rpc.discover',
  summary: 'This API as an OpenRPC document.',
  params: noParams,
  result: z.looseObject({ openrpc: z.string() }),
  handler: (powers: Pick<RpcPowers, 'discover'>) => powers.discover(),
});
