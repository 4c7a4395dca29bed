/** Since when the daemon runs, as its pid file tells. */
import { stat } from 'node:fs/promises';
import { pathsOf } from '@ocap/nodejs/client';
import type { Context } from './context.ts';

/** The file is written when the daemon has started. */
export const daemonUptimeMs = async ({
  home,
}: Pick<Context, 'home'>): Promise<number | undefined> => {
  try {
    const { mtimeMs } = await stat(pathsOf(home).pidPath);
    return Math.max(0, Math.round(Date.now() - mtimeMs));
  } catch {
    return undefined; // Information only: without it the rest is shown.
  }
};
