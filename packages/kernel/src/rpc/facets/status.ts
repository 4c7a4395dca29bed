/** Access to look at what runs, without anything that could be used. */
import type { Access } from '../../access-api.ts';
import type { Kernel, KernelStatus } from '../../kernel-api.ts';
import { getStatus } from '../methods/get-status.ts';
import { listNames } from '../methods/list-names.ts';
import { makeFacet, type Facet } from './facet.ts';
import { commonMethods, commonPowers, type ConnectionPowers } from './none.ts';

const methods = [getStatus, listNames, ...commonMethods] as const;

export const makeStatusFacet = (
  kernel: Pick<Kernel, 'readStatus' | 'insistAccess'>,
  {
    access: { id },
    connection,
  }: Readonly<{ access: Access; connection: ConnectionPowers }>,
): Facet =>
  makeFacet({
    title: `the access ${id}, to the status`,
    insistCurrent: () => kernel.insistAccess(id),
    methods,
    powers: {
      ...commonPowers(connection, methods),
      readStatus: async () => withoutContents(await kernel.readStatus()),
      // It refers to nothing.
      listNames: () => [],
    },
  });

/**
 * Configs hold the code and the parameters of vats, and where files and services
 * are; a root is a reference. Of other kernels, who they are is not of this one.
 */
const withoutContents = ({
  vats,
  subclusters,
  hosts,
}: KernelStatus): KernelStatus => ({
  vats: vats.map((vat) => ({ ...vat, config: {} })),
  subclusters: subclusters.map(({ rootKref: _root, ...subcluster }) => ({
    ...subcluster,
    config: {
      bootstrap: subcluster.config.bootstrap,
      vats: Object.fromEntries(
        Object.keys(subcluster.vats).map((name) => [name, {}]),
      ),
    },
  })),
  hosts,
});
