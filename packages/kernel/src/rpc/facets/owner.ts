/** Whoever reaches the socket of the home: everything. */
import type { RpcPowers } from '../method.ts';
import { rpcMethods } from '../methods/index.ts';
import { makeFacet, type Facet } from './facet.ts';
import { commonPowers, type ConnectionPowers } from './none.ts';

/** What the owner's facet has beyond its connection. */
export type OwnerPowers = Omit<
  RpcPowers,
  'authorize' | 'discover' | 'subscriptions'
>;

export const makeOwnerFacet = (
  owner: OwnerPowers,
  connection: ConnectionPowers,
): Facet =>
  makeFacet({
    title: 'what the owner of the daemon can do',
    powers: {
      ...owner,
      ...commonPowers(connection, rpcMethods),
      subscriptions: connection.subscriptions,
    },
    methods: rpcMethods,
  });
