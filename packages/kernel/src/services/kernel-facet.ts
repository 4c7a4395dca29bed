/**
 * The service `kernelFacet`: the kernel's own powers, for system subclusters.
 * Whoever holds it can launch and end subclusters, revoke, and see what runs;
 * `attenuate` makes a facet of fewer methods to hand on.
 */

import harden from '@endo/harden';
import { M } from '@endo/patterns';
import { decodedToJson, decodeSmallcaps, type KRef } from '@ocap/kernel-utils';
import type { ClusterConfig, Kernel } from '../kernel-api.ts';
import { decodingProblem } from '../readable-data.ts';
import { makeServiceExo } from './service-exo.ts';
import type { Service, ServiceCaller } from './service.ts';

const guard = M.interface('KernelFacet', {
  getStatus: M.call().returns(M.promise()),
  launchSubcluster: M.call(M.record()).returns(M.promise()),
  terminateSubcluster: M.call(M.string()).returns(M.promise()),
  terminateVat: M.call(M.string()).returns(M.promise()),
  revoke: M.call(M.remotable()).returns(M.promise()),
  isRevoked: M.call(M.remotable()).returns(M.boolean()),
  attenuate: M.call(M.arrayOf(M.string())).returns(M.remotable()),
});

type Powers = Pick<
  Kernel,
  | 'readStatus'
  | 'launchSubcluster'
  | 'terminateSubcluster'
  | 'terminateVat'
  | 'revoke'
  | 'isRevoked'
>;

/** `kernel` is asked for when a call comes, because it is made after its services. */
export const makeKernelFacet = (kernel: () => Powers): Service =>
  harden({
    systemOnly: true,
    makeExo: ({ krefOf, presenceOf, attenuate }: ServiceCaller) =>
      makeServiceExo('KernelFacet', guard, {
        getStatus: async () => plain(await kernel().readStatus()),
        launchSubcluster: async (config: ClusterConfig) => {
          const launched = await kernel().launchSubcluster(config);
          const { rootKref, bootstrapResult, ...rest } = launched;
          return {
            ...rest,
            root: presenceOf(rootKref),
            ...(bootstrapResult === undefined ||
            decodingProblem(bootstrapResult) !== undefined
              ? {}
              : {
                  bootstrapResult: decodedToJson(
                    decodeSmallcaps(bootstrapResult),
                  ),
                }),
          };
        },
        terminateSubcluster: async (id: string) =>
          kernel().terminateSubcluster(id),
        terminateVat: async (id: string) => kernel().terminateVat(id),
        revoke: async (presence: unknown) => kernel().revoke(krefOf(presence)),
        isRevoked: (presence: unknown) =>
          kernel().isRevoked(krefOf(presence) satisfies KRef),
        attenuate: (methods: string[]) => attenuate(methods),
      }),
  });

/** Data of the kernel as a copy that can be passed. */
const plain = (value: object): object =>
  harden(JSON.parse(JSON.stringify(value)) as object);
