/**
 * Makes one script of a vat source and all that it imports, but for the
 * standard modules. The script defines `__vatExports__`; it names no path of
 * the machine that it was made on.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { OutputChunk } from 'rolldown';
import { BundleError } from './bundle-error.ts';
import { findRefusedText } from './refused-text.ts';
import { makeResolver } from './resolver.ts';
import { sourceProblem } from './source-problem.ts';
import { isStandardModule, standardModuleVersion } from './standard-modules.ts';

export type VatBundle = Readonly<{
  moduleFormat: 'iife';
  /** A script; evaluated, it leaves the exports in `__vatExports__`. */
  code: string;
  exports: readonly string[];
  /** Standard modules that it takes from `__hostModules__`, and which versions it was made for. */
  external: Readonly<Record<string, string>>;
  sourceName: string;
}>;

type Options = Readonly<{
  /** Bundle the standard modules in, for hosts that supply none. */
  selfContained?: boolean;
  /** Told of each file before it is read, also if no bundle comes of it. */
  onFile?: (path: string) => void;
}>;

export const bundleVat = async (
  path: string,
  { selfContained = false, onFile = () => undefined }: Options = {},
): Promise<VatBundle> => {
  onFile(path);
  await insistFile(path);
  const sourceName = sourceNameOf(path);
  const chunk = await compile(path, { selfContained, onFile });
  // A line end last, so that what is appended to a script is not in its comment.
  const code = `${chunk.code.trimEnd()}\n//# sourceURL=${sourceName}\n`;
  const refused = findRefusedText(code);
  if (refused !== undefined) {
    throw new BundleError('SES_REFUSES', { ...refused, name: sourceName });
  }
  const external = await Promise.all(
    chunk.imports
      .filter(isStandardModule)
      .sort()
      .map(async (name) => [name, await standardModuleVersion(name)] as const),
  );
  return {
    moduleFormat: 'iife',
    code,
    exports: chunk.exports,
    external: Object.fromEntries(external),
    sourceName,
  };
};

/** The compiler would say less clearly that it found nothing to compile. */
const insistFile = async (path: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new BundleError('SOURCE_MISSING', {
      path,
      problem: found === undefined ? 'there is no such file' : 'it is no file',
    });
  }
};

/** `mint.js`; of an `index.js` also its folder, which says more. */
const sourceNameOf = (path: string): string => {
  const name = basename(path);
  return /^index\.[a-z]+$/u.test(name)
    ? `${basename(dirname(path))}/${name}`
    : name;
};

const compile = async (
  path: string,
  options: Required<Options>,
): Promise<OutputChunk> => {
  // Only here, since loading the compiler costs more than any other command.
  const { rolldown } = await import('rolldown');
  const directory = dirname(path);
  const { plugin, problem } = makeResolver({ directory, ...options });
  try {
    const build = await rolldown({
      input: path,
      cwd: directory,
      platform: 'neutral',
      resolve: {
        mainFields: ['module', 'main'],
        conditionNames: ['import', 'module', 'default'],
      },
      // Packages choose by it what they load; a vat has no `process` to ask.
      transform: { define: { 'process.env.NODE_ENV': "'production'" } },
      plugins: [plugin],
      logLevel: 'silent',
      // Its debug comments name the path of every module.
      experimental: { attachDebugInfo: 'none' },
    });
    const { output } = await build.generate({
      format: 'iife',
      name: '__vatExports__',
      exports: 'named',
      globals: (name) => `__hostModules__[${JSON.stringify(name)}]`,
      // Comments often hold `import(…)` types, which SES refuses.
      comments: false,
      codeSplitting: false,
    });
    await build.close();
    return output[0];
  } catch (error) {
    throw problem() ?? sourceProblem(error, directory);
  }
};
