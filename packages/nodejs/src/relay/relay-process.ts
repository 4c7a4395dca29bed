/**
 * The relay's process from its first step. Takes the lock before it loads
 * anything else: of many that are started at once, all but one need no more.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '@ocap/kernel-utils';
import { acquireLock } from '../daemon/lock.ts';
import { findDaemon } from '../daemon/pid-file.ts';
import { preparePrivateFolder } from '../daemon/private-folder.ts';
import { makeReport } from '../daemon/readiness.ts';
import { relayPathsOf } from './relay-paths.ts';
import type { RelaySettings } from './relay-settings.ts';

export const runRelayProcess = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      // The relay's own folder.
      home: { type: 'string', default: '' },
      'ready-fd': { type: 'string' },
      settings: { type: 'string', default: '{}' },
      'ends-with-stdin': { type: 'boolean', default: false },
    },
  });
  const report = makeReport(values['ready-fd']);
  // Everything that the relay makes is its owner's alone.
  process.umask(0o077);
  try {
    const paths = relayPathsOf(values.home);
    preparePrivateFolder(paths.home);
    const lock = await acquireLock(paths.lockPath);
    if (lock === undefined) {
      report({ already: true, pid: findDaemon(paths)?.pid });
      return;
    }
    const { runRelay } = await import('./run-relay.ts');
    await runRelay({
      paths,
      lock,
      report,
      // Written by ensure-relay.ts or attach-relay.ts.
      settings: JSON.parse(values.settings) as RelaySettings,
      endsWithStdin: values['ends-with-stdin'],
    });
  } catch (thrown) {
    report({ problem: messageOf(thrown) });
    process.exit(1);
  }
};
