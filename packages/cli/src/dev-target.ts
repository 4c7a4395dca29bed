/**
 * What `ocap dev` upgrades: the vats of one running subcluster that are made of
 * files of this machine, and which files these are.
 */
import { fileURLToPath } from 'node:url';
import type { KernelStatus } from '@ocap/kernel';
import { isRecord } from '@ocap/nodejs/absolute-specs';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';
import { findName } from './free-name.ts';

/** A file and what the config calls it. */
export type VatFile = Readonly<{
  field: 'bundleSpec' | 'sourceSpec';
  url: string;
  path: string;
}>;

export type DevVat = Readonly<{ id: string; name: string; file: VatFile }>;

export type DevTarget = Readonly<{
  name: string;
  rootKref: string;
  vats: readonly DevVat[];
}>;

/** Of the vats of a config, by name; not there is who is made of something else. */
export const vatFilesOf = (
  config: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, VatFile> => {
  const vats = isRecord(config['vats']) ? Object.entries(config['vats']) : [];
  const files = vats.flatMap(([name, vat]) => {
    const file = fileOf(vat, config['bundles']);
    return file === undefined ? [] : [[name, file] as const];
  });
  return new Map(files);
};

const fileOf = (vat: unknown, bundles: unknown): VatFile | undefined => {
  if (!isRecord(vat)) {
    return undefined;
  }
  const bundleName = vat['bundleName'];
  if (typeof bundleName === 'string') {
    return isRecord(bundles) ? fileOf(bundles[bundleName], {}) : undefined;
  }
  const field = 'sourceSpec' in vat ? 'sourceSpec' : 'bundleSpec';
  const url = vat[field];
  return typeof url === 'string' && url.startsWith('file:')
    ? { field, url, path: fileURLToPath(url) }
    : undefined;
};

/**
 * What runs under the name, if it is what the plan says; `undefined` if the
 * name is free. The files are those of the vats as they are now: an upgrade may
 * have given them others than their subcluster was launched with.
 *
 * @throws NAME_TAKEN if the name stands for something else.
 */
export const findDevTarget = async (
  context: Context,
  name: string,
  config: Readonly<Record<string, unknown>>,
): Promise<DevTarget | undefined> => {
  const kref = await findName(context, name);
  if (kref === undefined) {
    return undefined;
  }
  const status = (await context.call('getStatus', [])) as KernelStatus;
  const found = status.subclusters.find(({ rootKref }) => rootKref === kref);
  const members = status.vats.filter(
    ({ subclusterId }) => subclusterId === found?.id,
  );
  const vats = members.flatMap((vat): DevVat[] => {
    const file = fileOf(vat.config, found?.config.bundles);
    return file === undefined ? [] : [{ id: vat.id, name: vat.name, file }];
  });
  const planned = vatFilesOf(config);
  const isPlanned = vats.some(
    ({ name: vat, file }) => planned.get(vat)?.url === file.url,
  );
  if (!isPlanned) {
    throw new CliError('NAME_TAKEN', { name, ref: kref });
  }
  return { name, rootKref: kref, vats };
};
