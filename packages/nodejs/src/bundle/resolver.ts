/**
 * Decides what an import of a vat means: a standard module of the host, a file
 * to bundle in, or something that a vat cannot have.
 */
import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';
import { BundleError } from './bundle-error.ts';
import { isStandardModule } from './standard-modules.ts';

type Options = Readonly<{ directory: string; selfContained: boolean }>;

type Resolver = Readonly<{
  plugin: Plugin;
  /** The first import that could not be had, if any. */
  problem(): BundleError | undefined;
}>;

export const makeResolver = ({
  directory,
  selfContained,
}: Options): Resolver => {
  // The bundler changes and wraps what a plugin throws, so ours is kept apart.
  let problem: BundleError | undefined;
  const refuse = (
    code: 'NODE_MODULE' | 'MODULE_NOT_FOUND',
    name: string,
    importer: string,
  ): never => {
    problem ??= new BundleError(code, {
      name,
      path: relative(directory, importer),
    });
    throw new Error(problem.message);
  };
  const plugin: Plugin = {
    name: 'vat-imports',
    resolveId: async function (name, importer) {
      if (importer === undefined) {
        return null;
      }
      if (isStandardModule(name) && !selfContained) {
        return { id: name, external: true };
      }
      if (name.startsWith('node:')) {
        return refuse('NODE_MODULE', name, importer);
      }
      const skipSelf = { skipSelf: true };
      const found =
        (await this.resolve(name, importer, skipSelf)) ??
        // A vat need not have the standard modules installed beside it; we have.
        (isStandardModule(name)
          ? await this.resolve(name, fileURLToPath(import.meta.url), skipSelf)
          : null);
      if (found === null || found.external !== false) {
        return refuse(
          isBuiltin(name) ? 'NODE_MODULE' : 'MODULE_NOT_FOUND',
          name,
          importer,
        );
      }
      return found;
    },
  };
  return { plugin, problem: () => problem };
};
