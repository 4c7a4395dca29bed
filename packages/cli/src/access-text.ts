/** What an access is for, as people are told. */
import type { Access } from '@ocap/kernel';

export const facetText = ({ facet }: Pick<Access, 'facet'>): string => {
  switch (facet.kind) {
    case 'object':
      return facet.petname === undefined
        ? `object ${facet.ref}`
        : `object ${facet.petname} (${facet.ref})`;
    case 'subcluster':
      return `control of ${facet.subclusterId}`;
    case 'status':
      return 'status, to read';
  }
};
