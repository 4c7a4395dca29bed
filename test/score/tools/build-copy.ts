/**
 * A check runs one build from its beginning to its end: a copy, so that a build
 * that is made meanwhile does not put hosts of one program under the daemon of
 * another. In the copy the vat hosts can be exchanged for compromised ones.
 */
import {
  cp,
  mkdir,
  readFile,
  rename,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import requireBuild from '../../support/require-build.ts';
import { repositoryRoot } from '../../support/home.ts';

const files = [
  'daemon.mjs',
  'vat-host.mjs',
  'vat-host.image',
  'bundler.mjs',
  'remotes.mjs',
  'query.mjs',
];

export type BuildOptions = Readonly<{
  /** The vat hosts play whatever the vats of `compromisedVat` are told to. */
  compromised?: boolean;
}>;

/** Makes the copy in a new folder of this path; returns the daemon's program. */
export const copyBuild = async (
  folder: string,
  { compromised = false }: BuildOptions = {},
): Promise<string> => {
  requireBuild();
  const dist = join(folder, 'dist');
  await mkdir(dist, { recursive: true });
  // What the build leaves outside is found from the copy as from the original.
  await symlink(
    join(repositoryRoot, 'node_modules'),
    join(folder, 'node_modules'),
  );
  for (const file of files) {
    const built = join(repositoryRoot, 'packages/nodejs/dist', file);
    await cp(built, join(dist, file));
  }
  if (compromised) await compromiseHosts(dist);
  return join(dist, 'daemon.mjs');
};

const compromiseHosts = async (dist: string): Promise<void> => {
  const host = join(dist, 'vat-host.mjs');
  await rename(host, join(dist, 'honest-vat-host.mjs'));
  const source = new URL('./compromised-host.ts', import.meta.url);
  const code = await readFile(source, 'utf8');
  await writeFile(host, stripTypeScriptTypes(code));
};
