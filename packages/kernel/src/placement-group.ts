/** Vats of one placement group share a host. */
import type { VatRow } from './store/rows.ts';

export const groupOf = (row: VatRow): string => {
  switch (row.config.placement ?? 'subcluster') {
    case 'own':
      return row.id;
    case 'shared':
      return 'shared';
    default:
      return row.subclusterId;
  }
};
