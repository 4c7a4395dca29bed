/** A connection that has not said what it may do: it can say so. */
import type { RpcPowers } from '../method.ts';
import { authorize } from '../methods/authorize.ts';
import { ping } from '../methods/ping.ts';
import { rpcDiscover } from '../methods/rpc-discover.ts';
import type { DescribedMethod } from '../open-rpc.ts';
import { makeFacet, type Facet } from './facet.ts';

/** Of one connection, for whatever facets it has in its time. */
export type ConnectionPowers = Pick<RpcPowers, 'authorize' | 'subscriptions'> &
  Readonly<{
    /** The OpenRPC document of these methods. */
    documentOf(methods: readonly DescribedMethod[]): object;
  }>;

/** What every facet has beside its own. */
export const commonMethods = [authorize, ping, rpcDiscover] as const;

/** The powers of `commonMethods`, in a facet that has these methods. */
export const commonPowers = (
  { authorize: take, documentOf }: ConnectionPowers,
  methods: readonly DescribedMethod[],
): Pick<RpcPowers, 'authorize' | 'discover'> => ({
  authorize: take,
  discover: () => documentOf(methods),
});

export const makeNoFacet = (connection: ConnectionPowers): Facet =>
  makeFacet({
    title: 'what a connection without access can do',
    powers: commonPowers(connection, commonMethods),
    methods: commonMethods,
  });
