/**
 * Decides what an import of a vat means: a standard module of the host, a file
 * to bundle in, something that stands in for a foreign module, or something that
 * a vat cannot have.
 */
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';
import { BundleError } from './bundle-error.ts';
import { standInId, standInSource } from './foreign-modules.ts';
import { isStandardModule } from './standard-modules.ts';

type Options = Readonly<{
  directory: string;
  selfContained: boolean;
  /** Told of each file before it is read, and of where a missing one was looked for. */
  onFile: (path: string) => void;
}>;

type Resolver = Readonly<{
  plugin: Plugin;
  /** The first import that could not be had, if any. */
  problem(): BundleError | undefined;
}>;

export const makeResolver = ({
  directory,
  selfContained,
  onFile,
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
        placesOf(name, importer).forEach(onFile);
        const id = standInId(name);
        if (id !== undefined) {
          return { id };
        }
        return refuse(
          isBuiltin(name) ? 'NODE_MODULE' : 'MODULE_NOT_FOUND',
          name,
          importer,
        );
      }
      // Other ids are of modules that the compiler makes up.
      if (isAbsolute(found.id)) {
        onFile(found.id);
      }
      return found;
    },
    load: (id) => standInSource(id) ?? null,
  };
  return { plugin, problem: () => problem };
};

const extensions = ['.js', '.mjs', '.ts', '.mts', '.json'];

/** Where something has to change before the import can be had. */
const placesOf = (name: string, importer: string): string[] => {
  const directory = dirname(importer);
  if (/^\.{0,2}\//u.test(name)) {
    const path = resolve(directory, name);
    const stem = path.replace(/\.m?js$/u, '');
    return [path, ...extensions.map((extension) => stem + extension)];
  }
  const packageName = name.split('/').slice(0, name.startsWith('@') ? 2 : 1);
  return upwardFrom(directory).map((folder) =>
    join(folder, 'node_modules', ...packageName),
  );
};

const upwardFrom = (directory: string): string[] => {
  const parent = dirname(directory);
  return [directory, ...(parent === directory ? [] : upwardFrom(parent))];
};
