/**
 * Where a run keeps its files, and the list of what it has to end: whatever
 * happens, `close` ends every process and deletes every file.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleVat } from '@ocap/nodejs/bundle';
import { fileSystemOf } from './machine.ts';

export type Close = () => Promise<void>;

export type Workspace = Readonly<{
  folder: string;
  /** A name for a new file or folder in it. Short: socket paths have 107 bytes. */
  newPath(): string;
  /** The `file:` URL of the bundle of `vats/<name>.js`, which is made once. */
  bundle(name: string): Promise<string>;
  /** Has `close` called at the end, unless it was called before. Once in any case. */
  own(close: Close): Close;
  /** Whether `close` was called. */
  isClosing(): boolean;
  close: Close;
}>;

export const openWorkspace = async (): Promise<Workspace> => {
  const folder = await mkdtemp(join(await parentFolder(), 'ocap-bench-'));
  const bundles = new Map<string, Promise<string>>();
  const owned = new Set<Close>();
  let paths = 0;
  let closing: Promise<void> | undefined;

  const makeBundle = async (name: string): Promise<string> => {
    const source = fileURLToPath(
      new URL(`../vats/${name}.js`, import.meta.url),
    );
    const path = join(folder, `${name}.bundle`);
    await writeFile(path, JSON.stringify(await bundleVat(source)));
    return pathToFileURL(path).href;
  };

  const closeAll = async (): Promise<void> => {
    // The newest first: a client before its daemon.
    for (const close of [...owned].reverse()) await close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };

  return {
    folder,
    newPath: () => join(folder, String((paths += 1))),
    bundle: async (name) => {
      const bundle = bundles.get(name) ?? makeBundle(name);
      bundles.set(name, bundle);
      return bundle;
    },
    own: (close) => {
      if (closing !== undefined) throw Error('the benchmark is over');
      let closed: Promise<void> | undefined;
      const closeOnce: Close = async () => {
        closed ??= close().finally(() => owned.delete(closeOnce));
        return closed;
      };
      owned.add(closeOnce);
      return closeOnce;
    },
    isClosing: () => closing !== undefined,
    close: async () => (closing ??= closeAll()),
  };
};

/** On a disk: in memory nothing would be seen of what durability costs. */
const parentFolder = async (): Promise<string> => {
  if (fileSystemOf(tmpdir()) !== 'tmpfs') return tmpdir();
  const folder = fileURLToPath(new URL('../../.tmp', import.meta.url));
  await mkdir(folder, { recursive: true });
  return folder;
};
