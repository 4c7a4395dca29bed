/**
 * The service `names`: the operator's petnames, for system subclusters. Whoever
 * holds it can reach everything that has a name; `attenuate` makes a facet that
 * can, say, only look up.
 */

import harden from '@endo/harden';
import { M } from '@endo/patterns';
import { fail } from '@ocap/kernel-utils';
import type { Kernel } from '../kernel-api.ts';
import { makeServiceExo } from './service-exo.ts';
import type { Service, ServiceCaller } from './service.ts';

const guard = M.interface('Names', {
  list: M.call().returns(M.arrayOf(M.string())),
  has: M.call(M.string()).returns(M.boolean()),
  lookup: M.call(M.string()).returns(M.remotable()),
  set: M.call(M.string(), M.remotable()).returns(M.promise()),
  remove: M.call(M.string()).returns(M.promise()),
  attenuate: M.call(M.arrayOf(M.string())).returns(M.remotable()),
});

type Powers = Pick<Kernel, 'listNames' | 'setName' | 'removeName'>;

/** `kernel` is asked for when a call comes, because it is made after its services. */
export const makeNamesService = (kernel: () => Powers): Service =>
  harden({
    systemOnly: true,
    makeExo: ({ krefOf, presenceOf, attenuate }: ServiceCaller) => {
      const find = (name: string) =>
        kernel()
          .listNames()
          .find((entry) => entry.name === name);
      return makeServiceExo('Names', guard, {
        list: () =>
          harden(
            kernel()
              .listNames()
              .map(({ name }) => name),
          ),
        has: (name: string) => find(name) !== undefined,
        lookup: (name: string) => {
          const found = find(name);
          if (found === undefined) {
            throw fail('NAME_UNKNOWN', { name });
          }
          return presenceOf(found.kref);
        },
        set: async (name: string, object: unknown) =>
          kernel().setName(name, krefOf(object)),
        remove: async (name: string) => kernel().removeName(name),
        attenuate: (methods: string[]) => attenuate(methods),
      });
    },
  });
