/** Since when the daemon runs, as its pid file tells. */
import { stat } from 'node:fs/promises';
import type { Context } from './context.ts';

/** The file is written when the daemon has started. */
export const daemonUptimeMs = async (
  context: Context,
): Promise<number | undefined> => {
  try {
    const { mtimeMs } = await stat(await pidFile(context));
    return Math.max(0, Math.round(Date.now() - mtimeMs));
  } catch {
    return undefined; // Information only: without it the rest is shown.
  }
};

const pidFile = async ({ access, home }: Context): Promise<string> =>
  (await access()).pathsOf(home).pidPath;
