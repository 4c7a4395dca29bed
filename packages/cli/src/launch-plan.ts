/**
 * What `ocap launch <path>` means: which config, from where, under which name.
 * A single vat becomes a config of one vat; a folder is its config or its index.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isVatSource } from '@ocap/nodejs/bundle';
import { absoluteConfig, isRecord } from '@ocap/nodejs/absolute-specs';
import { CliError } from './cli-error.ts';

export type LaunchPlan = Readonly<{
  /** The petname, unless the user gives another. */
  name: string;
  /** With all of its specs as URLs. */
  config: Record<string, unknown>;
  /** URLs of the sources that the daemon will bundle, each once. */
  sources: readonly string[];
}>;

const folderFiles = ['cluster.json', 'config.json', 'index.js', 'index.ts'];

export const planLaunch = async (path: string): Promise<LaunchPlan> => {
  const file = (await isFolder(path)) ? await mainFileOf(path) : path;
  const name = nameOf(file);
  if (extname(file) === '.json') {
    const config = absoluteConfig(await readConfig(file), dirname(file));
    await insistFilesExist(config);
    return { name, config, sources: sourcesOf(config) };
  }
  const field = fieldOf(file);
  const config = absoluteConfig(
    { bootstrap: 'main', vats: { main: { [field]: file } } },
    dirname(file),
  );
  return { name, config, sources: sourcesOf(config) };
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
};

const mainFileOf = async (folder: string): Promise<string> => {
  for (const name of folderFiles) {
    const file = join(folder, name);
    try {
      await stat(file);
      return file;
    } catch {
      continue; // Not this one: the next name.
    }
  }
  throw new CliError('NOTHING_TO_LAUNCH', { path: folder });
};

const nameOf = (file: string): string =>
  folderFiles.includes(basename(file))
    ? basename(dirname(file))
    : basename(file).replace(/\.[^.]+$/u, '');

const fieldOf = (file: string): 'bundleSpec' | 'sourceSpec' => {
  if (extname(file) === '.bundle') {
    return 'bundleSpec';
  }
  if (isVatSource(basename(file))) {
    return 'sourceSpec';
  }
  throw new CliError('NOT_LAUNCHABLE', { path: file });
};

const readConfig = async (file: string): Promise<Record<string, unknown>> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new CliError('JSON_INVALID', {
      what: file,
      problem: problemOf(error),
    });
  }
  if (!isRecord(config)) {
    throw new CliError('CONFIG_NOT_A_CONFIG', {
      path: file,
      problem: 'it is not a JSON object',
    });
  }
  return config;
};

type FileSpec = Readonly<{
  field: 'bundleSpec' | 'sourceSpec';
  /** Of the vat, or of the entry of `bundles`. */
  key: string;
  url: string;
}>;

const fileSpecsOf = (config: Record<string, unknown>): readonly FileSpec[] =>
  [config['vats'], config['bundles']]
    .flatMap((entries) => (isRecord(entries) ? Object.entries(entries) : []))
    .flatMap(([key, entry]) =>
      (['bundleSpec', 'sourceSpec'] as const).flatMap((field) => {
        const url = isRecord(entry) ? entry[field] : undefined;
        return typeof url === 'string' && url.startsWith('file:')
          ? [{ field, key, url }]
          : [];
      }),
    );

const sourcesOf = (config: Record<string, unknown>): readonly string[] => {
  const sources = fileSpecsOf(config).filter(
    ({ field }) => field === 'sourceSpec',
  );
  return [...new Set(sources.map(({ url }) => url))];
};

/** Said here, before a daemon is started for it. */
const insistFilesExist = async (
  config: Record<string, unknown>,
): Promise<void> => {
  for (const { field, key, url } of fileSpecsOf(config)) {
    const path = fileURLToPath(url);
    try {
      await stat(path);
    } catch (error) {
      throw new CliError(
        field === 'bundleSpec' ? 'BUNDLE_MISSING' : 'SOURCE_MISSING',
        { vat: key, path, problem: problemOf(error) },
      );
    }
  }
};

const unreadable = (path: string, error: unknown): CliError =>
  new CliError('FILE_UNREADABLE', { path, problem: problemOf(error) });

const problemOf = (error: unknown): string => {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return 'code' in error && error.code === 'ENOENT'
    ? 'there is no such file'
    : error.message;
};
