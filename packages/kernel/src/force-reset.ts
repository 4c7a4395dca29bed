/** `forceReset`: what was launched from the same config before is ended, with its state. */
import type { SubclusterId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import { withoutInlineBundles } from './inline-bundles.ts';
import type { ClusterConfig } from './kernel-api.ts';
import type { LoadedBundle } from './powers.ts';
import type { VatLife } from './vat-life.ts';

export const endEarlierLaunches = (
  { store, vats }: Pick<KernelContext, 'store' | 'vats'>,
  life: Pick<VatLife, 'terminate'>,
  config: ClusterConfig,
  /** Of the launch that is about to be made, by vat name. */
  bundles: ReadonlyMap<string, LoadedBundle>,
): void => {
  const text = JSON.stringify(withoutInlineBundles(config));
  const earlier = new Set<SubclusterId>();
  for (const row of store.scan().subclusters()) {
    if (JSON.stringify(row.config) === text) {
      earlier.add(row.id);
    }
  }
  const rows = [...vats.ids].flatMap((id) => store.vats.get(id) ?? []);
  // A file that has changed is still the same config. Code that was given
  // inline is not kept in it, and tells one program from another.
  for (const { name, subclusterId, config: vat, bundleHash } of rows) {
    if (vat.bundleSpec === 'data:' && bundles.get(name)?.hash !== bundleHash) {
      earlier.delete(subclusterId);
    }
  }
  for (const { id, subclusterId } of rows) {
    if (earlier.has(subclusterId)) {
      life.terminate(id, 'its config was launched anew with forceReset');
    }
  }
};
