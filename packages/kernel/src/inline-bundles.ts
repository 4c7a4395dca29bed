/** Configs as they are kept: without the text of bundles, which the store has by hash. */
import type { ClusterConfig, VatConfig } from './kernel-api.ts';

/** A bundle that came in a `data:` URL is in the store; its config need not repeat it. */
export const withoutInlineBundle = <
  Config extends Pick<VatConfig, 'bundleSpec'>,
>(
  config: Config,
): Config =>
  config.bundleSpec?.startsWith('data:') === true
    ? { ...config, bundleSpec: 'data:' }
    : config;

export const withoutInlineBundles = (config: ClusterConfig): ClusterConfig => ({
  ...config,
  vats: mapValues(config.vats, withoutInlineBundle),
  ...(config.bundles === undefined
    ? {}
    : { bundles: mapValues(config.bundles, withoutInlineBundle) }),
});

const mapValues = <Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, change(value)]),
  );
