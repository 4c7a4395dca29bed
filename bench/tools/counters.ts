/** A cluster config of counters. */
import type { ClusterConfig, VatConfig } from '@ocap/kernel';
import type { Workspace } from './workspace.ts';

export const counters = async (
  workspace: Workspace,
  count: number,
  placement: NonNullable<VatConfig['placement']> = 'subcluster',
): Promise<ClusterConfig> => {
  const bundleSpec = await workspace.bundle('counter');
  const names = Array.from({ length: count }, (_, i) => `counter${i}`);
  return {
    bootstrap: 'counter0',
    vats: Object.fromEntries(
      names.map((name) => [name, { bundleSpec, placement }]),
    ),
  };
};
