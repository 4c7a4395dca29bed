/**
 * Keeps the bundles of a vat source, or of all in a folder, up to date with
 * what they are made of. A source that is broken leaves its bundle as it was.
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import {
  BundleError,
  bundleVat,
  listVatSources,
  remakeOnChange,
} from '@ocap/nodejs/bundle';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';
import { makeTell } from './tell.ts';
import { countText } from './units.ts';
import { writeAtomically } from './write-atomically.ts';

type Options = Readonly<{
  /** Absolute; of a file or a folder. */
  path: string;
  selfContained: boolean;
  signal: AbortSignal;
}>;

/** Resolves when the signal fires. */
export const watchBundles = async (
  { cwd, output }: Pick<Context, 'cwd' | 'output'>,
  { path, selfContained, signal }: Options,
): Promise<void> => {
  if (!existsSync(path)) {
    throw new CliError('FILE_UNREADABLE', {
      path,
      problem: 'there is no such file or folder',
    });
  }
  const tell = makeTell(output);
  const shown = (file: string): string => relative(cwd, file) || '.';
  await remakeOnChange(signal, {
    list: async (note) => listVatSources(path, { onFile: note }),
    make: async (source, note) => {
      const options = { selfContained, onFile: note };
      const startedAt = performance.now();
      const made = await makeBundle(source, source === path, options);
      return { made, ms: Math.round(performance.now() - startedAt) };
    },
    onMade: (source, { made, ms }) => {
      if (made !== undefined) {
        tell.event('bundled', { source, ...made }, () => {
          const size = `${(made.bytes / 1000).toFixed(1)} kB`;
          return `${shown(made.bundle)}  ${size}  in ${ms} ms`;
        });
      }
    },
    onProblem: (source, problem) => {
      const bundle = bundlePathOf(source);
      const stays = existsSync(bundle)
        ? `${shown(bundle)} stays as it was`
        : undefined;
      tell.problem('problem', { source }, problem, stays);
    },
    onGone: (source) =>
      tell.event(
        'gone',
        { source },
        () => `${shown(source)} is gone; its bundle is left as it was`,
      ),
    onWatching: (sources) =>
      tell.event('watching', { path, sources }, (style) => {
        const what = sources[0] === path ? '' : ` (${sourcesText(sources)})`;
        return style.dim(`watching ${shown(path)}${what}      Ctrl-C ends it`);
      }),
  });
};

type Made = Readonly<{
  bundle: string;
  bytes: number;
  external: readonly string[];
}>;

/** `undefined` for a file of a folder that only speaks of `buildRootObject`. */
const makeBundle = async (
  source: string,
  insistVat: boolean,
  options: Parameters<typeof bundleVat>[1],
): Promise<Made | undefined> => {
  const made = await bundleVat(source, options);
  if (!made.exports.includes('buildRootObject')) {
    if (insistVat) {
      throw new BundleError('NOT_A_VAT', { path: source });
    }
    return undefined;
  }
  const bundle = bundlePathOf(source);
  const text = JSON.stringify(made);
  await writeAtomically(bundle, text);
  return {
    bundle,
    bytes: Buffer.byteLength(text),
    external: Object.keys(made.external),
  };
};

const sourcesText = (sources: readonly string[]): string =>
  sources.length === 0
    ? 'no .js or .ts file there speaks of buildRootObject yet'
    : countText(sources.length, 'source');

/** Beside the source, as `ocap bundle` puts it. */
const bundlePathOf = (source: string): string =>
  source.replace(/\.[^./]+$/u, '.bundle');
