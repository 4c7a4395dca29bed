/** From an access to what it lets a connection do. */
import type { Access } from '../../access-api.ts';
import type { Kernel } from '../../kernel-api.ts';
import type { Facet } from './facet.ts';
import type { ConnectionPowers } from './none.ts';
import { makeObjectFacet } from './object.ts';
import { makeStatusFacet } from './status.ts';
import { makeSubclusterFacet } from './subcluster.ts';

export const makeFacetOf = (
  kernel: Kernel,
  access: Access,
  {
    connection,
    references: max,
  }: Readonly<{ connection: ConnectionPowers; references: number }>,
): Facet => {
  const { facet } = access;
  switch (facet.kind) {
    case 'object':
      return makeObjectFacet(kernel, {
        access,
        object: facet,
        connection,
        max,
      });
    case 'subcluster': {
      const { subclusterId } = facet;
      return makeSubclusterFacet(kernel, { access, subclusterId, connection });
    }
    case 'status':
      return makeStatusFacet(kernel, { access, connection });
  }
};
