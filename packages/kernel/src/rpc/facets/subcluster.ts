/** Access to one subcluster: what it is doing, and its control. */
import {
  fail,
  isSubclusterId,
  isVatId,
  type SubclusterId,
} from '@ocap/kernel-utils';
import type { Access } from '../../access-api.ts';
import type { Kernel, KernelStatus } from '../../kernel-api.ts';
import { getStatus } from '../methods/get-status.ts';
import { listCaps } from '../methods/list-caps.ts';
import { listNames } from '../methods/list-names.ts';
import { pingVat } from '../methods/ping-vat.ts';
import { restartVat } from '../methods/restart-vat.ts';
import { terminateSubcluster } from '../methods/terminate-subcluster.ts';
import { terminateVat } from '../methods/terminate-vat.ts';
import { upgradeVat } from '../methods/upgrade-vat.ts';
import { makeFacet, type Facet } from './facet.ts';
import { commonMethods, commonPowers, type ConnectionPowers } from './none.ts';

const methods = [
  getStatus,
  terminateSubcluster,
  pingVat,
  restartVat,
  upgradeVat,
  terminateVat,
  listCaps,
  listNames,
  ...commonMethods,
] as const;

type SubclusterKernel = Pick<
  Kernel,
  | 'readStatus'
  | 'subclusterOf'
  | 'terminateSubcluster'
  | 'pingVat'
  | 'restartVat'
  | 'upgradeVat'
  | 'terminateVat'
  | 'listCaps'
  | 'insistAccess'
>;

type Options = Readonly<{
  access: Access;
  subclusterId: SubclusterId;
  connection: ConnectionPowers;
}>;

export const makeSubclusterFacet = (
  kernel: SubclusterKernel,
  { access: { id }, subclusterId, connection }: Options,
): Facet => {
  /** Those of others are as if they were not there. */
  const insistSubcluster = (given: string): string => {
    if (given === subclusterId) return given;
    throw fail('SUBCLUSTER_UNKNOWN', { subcluster: given });
  };
  const insistVat = (given: string): string => {
    if (kernel.subclusterOf(given) === subclusterId) return given;
    throw fail('VAT_UNKNOWN', { vat: given });
  };
  const insistMember = (given: string): string => {
    if (isSubclusterId(given)) return insistSubcluster(given);
    if (isVatId(given)) return insistVat(given);
    throw fail('REF_NOT_HELD', { ref: given.slice(0, 100) });
  };

  return makeFacet({
    title: `the access ${id}, to the subcluster ${subclusterId}`,
    insistCurrent: () => kernel.insistAccess(id),
    methods,
    powers: {
      ...commonPowers(connection, methods),
      readStatus: async () => statusOf(subclusterId, await kernel.readStatus()),
      terminateSubcluster: async (given: string) =>
        kernel.terminateSubcluster(insistSubcluster(given)),
      pingVat: async (given: string) => kernel.pingVat(insistVat(given)),
      restartVat: async (given: string) => kernel.restartVat(insistVat(given)),
      terminateVat: async (given: string) =>
        kernel.terminateVat(insistVat(given)),
      upgradeVat: (async (given, options) => {
        insistOwnCode(options);
        return kernel.upgradeVat(insistVat(given), options);
      }) satisfies Kernel['upgradeVat'],
      listCaps: (given: string) => {
        const report = kernel.listCaps(insistMember(given));
        const caps = report.caps.map((cap) => ({ ...cap, names: [] }));
        return { ...report, caps };
      },
      // It refers to nothing.
      listNames: () => [],
    },
  });
};

/**
 * A path or a URL would be read by the daemon, which can read more than whoever
 * asks: the code itself must be in the request.
 */
const insistOwnCode = ({
  bundleSpec = '',
}: Readonly<{ bundleSpec?: string }>): void => {
  if (!/^data:/iu.test(bundleSpec)) {
    throw fail('NOT_PERMITTED', {
      what: 'A bundleSpec or sourceSpec that the daemon would have to fetch',
      facet: 'an access; give the code itself, as a `data:` URL',
    });
  }
};

const statusOf = (
  subclusterId: SubclusterId,
  { vats, subclusters, hosts }: KernelStatus,
): KernelStatus => {
  const own = vats.filter((vat) => vat.subclusterId === subclusterId);
  const pids = new Set(own.map(({ host }) => host?.pid));
  return {
    vats: own,
    subclusters: subclusters.filter(({ id }) => id === subclusterId),
    hosts: hosts.filter(({ pid }) => pids.has(pid)),
  };
};
