/** `ocap bundle`: a bundle beside each vat source; all of them or none. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import {
  BundleError,
  bundleVat,
  findVatSources,
  type VatBundle,
} from '@ocap/nodejs/bundle';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { table } from '../table.ts';
import { writeAtomically } from '../write-atomically.ts';

export const bundle: Command = async (args, { cwd, output }) => {
  const path = resolve(cwd, args.word(0));
  const target = args.text('output');
  output.progress(`bundling ${args.word(0)} …`);
  const bundles = await bundleAll(path, args.flag('self-contained'));
  const written = bundles.map(({ source, bundle: made }) => ({
    source,
    bundle: bundlePath(
      source,
      path,
      target === undefined ? undefined : resolve(cwd, target),
    ),
    text: JSON.stringify(made),
    external: Object.keys(made.external),
  }));
  for (const { bundle: file, text } of written) {
    await writeAtomically(file, text);
  }
  return {
    json: written.map(({ source, bundle: file, text, external }) => ({
      source,
      bundle: file,
      bytes: Buffer.byteLength(text),
      external,
    })),
    text: (style) =>
      table(
        [{ title: 'BUNDLE' }, { title: 'SIZE', align: 'right' }],
        written.map(({ bundle: file, text }) => [
          relative(cwd, file),
          `${(Buffer.byteLength(text) / 1000).toFixed(1)} kB`,
        ]),
        style,
      ),
  };
};

type Made = Readonly<{ source: string; bundle: VatBundle }>;

const bundleAll = async (
  path: string,
  selfContained: boolean,
): Promise<readonly Made[]> => {
  const isFolder = await isDirectory(path);
  const sources = isFolder ? await findVatSources(path) : [path];
  const made = await Promise.all(
    sources.map(async (source) => ({
      source,
      bundle: await bundleVat(source, { selfContained }),
    })),
  );
  const vats = made.filter((entry) =>
    entry.bundle.exports.includes('buildRootObject'),
  );
  if (vats.length === 0) {
    throw isFolder
      ? new CliError('NOTHING_TO_BUNDLE', { path })
      : new BundleError('NOT_A_VAT', { path });
  }
  return vats;
};

const isDirectory = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new CliError('FILE_UNREADABLE', {
      path,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
};

const bundlePath = (
  source: string,
  from: string,
  target: string | undefined,
): string => {
  const name = `${basename(source).replace(/\.[^.]+$/u, '')}.bundle`;
  if (target === undefined) {
    return join(dirname(source), name);
  }
  return source === from ? target : join(target, name);
};
