/**
 * Paths in a config mean something where it was written, not where the daemon
 * runs: they become `file://` URLs before they are sent. URLs stay as they are.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const specNames = ['bundleSpec', 'sourceSpec'] as const;

/** A relative or absolute path becomes a `file://` URL; any URL is unchanged. */
export const absoluteSpec = (spec: string, directory: string): string =>
  // Two letters at least: `c:\…` is a path.
  /^[a-z][a-z0-9+.-]+:/iu.test(spec)
    ? spec
    : pathToFileURL(resolve(directory, spec)).href;

/** The params of `launchSubcluster`, or of any call, with the specs in their `config` made absolute. */
export const withAbsoluteSpecs = (
  params: unknown,
  directory: string,
): unknown => {
  if (!isRecord(params) || !isRecord(params['config'])) {
    return params;
  }
  return { ...params, config: absoluteConfig(params['config'], directory) };
};

export const absoluteConfig = (
  config: Readonly<Record<string, unknown>>,
  directory: string,
): Record<string, unknown> => {
  const result: Record<string, unknown> = { ...config };
  for (const table of ['vats', 'bundles']) {
    const entries = config[table];
    if (isRecord(entries)) {
      result[table] = Object.fromEntries(
        Object.entries(entries).map(([name, entry]) => [
          name,
          absoluteEntry(entry, directory),
        ]),
      );
    }
  }
  return result;
};

// What is not of the right shape goes on as it is: the daemon says what is wrong with it.
const absoluteEntry = (entry: unknown, directory: string): unknown => {
  if (!isRecord(entry)) {
    return entry;
  }
  const result: Record<string, unknown> = { ...entry };
  for (const name of specNames) {
    const spec = entry[name];
    if (typeof spec === 'string') {
      result[name] = absoluteSpec(spec, directory);
    }
  }
  return result;
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
