/**
 * The daemon's process from its first step. Takes the lock before it loads
 * anything else, because of twenty daemons that are started at once, nineteen
 * need no more than that.
 */
import { parseArgs } from 'node:util';
import {
  findLimitProblem,
  messageOf,
  type LimitValues,
} from '@ocap/kernel-utils';
import { DaemonError } from '../client/errors.ts';
import { acquireLock } from './lock.ts';
import { pathsOf, resolveHome } from './paths.ts';
import { findDaemon } from './pid-file.ts';
import { preparePrivateFolder } from './private-folder.ts';
import { makeReport } from './readiness.ts';
import type { MakeKernel } from './start-daemon.ts';

/** `makeKernel` is this package's own by default. */
export const runDaemonProcess = async (
  options: Readonly<{ makeKernel?: MakeKernel }> = {},
): Promise<void> => {
  const { values } = parseArgs({
    options: {
      home: { type: 'string' },
      'ready-fd': { type: 'string' },
      'log-level': { type: 'string' },
      limit: { type: 'string', multiple: true },
    },
  });
  const report = makeReport(values['ready-fd']);
  // Everything that the daemon makes is its owner's alone.
  process.umask(0o077);
  try {
    const paths = pathsOf(resolveHome(values.home));
    preparePrivateFolder(paths.home);
    const lock = await acquireLock(paths.lockPath);
    if (lock === undefined) {
      report({ already: true, pid: findDaemon(paths)?.pid });
      return;
    }
    const { runDaemon } = await import('./run-daemon.ts');
    const level = values['log-level'];
    const limits = readLimits(values.limit ?? []);
    await runDaemon({ ...options, paths, lock, report, level, limits });
  } catch (thrown) {
    report({ problem: messageOf(thrown) });
    process.exit(1);
  }
};

/** From words like `deliveryMs=20000`. @throws LIMIT_WRONG */
const readLimits = (words: readonly string[]): Partial<LimitValues> =>
  Object.fromEntries(
    words.map((word) => {
      const [name = '', text = ''] = word.split('=');
      const value = Number(text);
      const problem = findLimitProblem(name, value);
      if (problem !== undefined) {
        throw new DaemonError('LIMIT_WRONG', { word, problem });
      }
      return [name, value] as const;
    }),
  );
