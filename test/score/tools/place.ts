/** A home at a path that need not exist yet, and the real `ocap` in it under any umask. */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stopDaemon, stopRelay } from '@ocap/nodejs/client';
import { ocapBin } from '../../support/home.ts';
import { run, type Run } from '../../support/run.ts';

export type Place = Readonly<{
  dir: string;
  ocap(args: readonly string[], umask?: string): Promise<Run>;
  /** `path mode` of everything that is there now. */
  modes(): readonly string[];
  /** Stops the daemon and deletes it. */
  close(): Promise<void>;
}>;

let made = 0;

/** Right below the folder for what is temporary, where who runs checks looks for what they leave. */
export const openPlace = (): Place => {
  const dir = join(tmpdir(), `ocap-${process.pid}-${(made += 1)}`);
  const env = { ...process.env, OCAP_HOME: dir, NO_COLOR: '1', CI: '' };
  const ocap: Place['ocap'] = async (args, umask = '022') => {
    const masked = `umask ${umask} && exec "$0" "$@"`;
    const words = ['-c', masked, process.execPath, ocapBin, ...args];
    return run('/bin/sh', words, { env });
  };
  return {
    dir,
    ocap,
    modes: () => {
      const root = realpathSync(dir);
      return [...walk(root, root)];
    },
    close: async () => {
      await stopRelay({ home: dir });
      await stopDaemon({ home: dir });
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

const walk = function* (path: string, root: string): Generator<string> {
  const stat = lstatSync(path);
  yield `${relative(root, path) || '.'} ${(stat.mode & 0o7777).toString(8)}`;
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(path)) yield* walk(join(path, name), root);
};
