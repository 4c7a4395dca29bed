/** `ocap daemon purge --force`: deletes what a daemon kept, once it is surely gone. */
import { deleteDaemonState, stopDaemon } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { homeText } from '../units.ts';

export const daemonPurge: Command = async (args, { home, env }) => {
  const shownHome = homeText(home, env['HOME']);
  if (!args.flag('force')) {
    throw new CliError('PURGE_UNFORCED', { home: shownHome });
  }
  await purge(home);
  return {
    json: { status: 'purged', home },
    text: () => `purged ${shownHome}`,
  };
};

/**
 * Deletes nothing unless the daemon is known to be gone: a live one would go
 * on writing into deleted files, and everything it answers would be lost.
 */
export const purge = async (
  home: string,
  by = { stopDaemon, deleteDaemonState },
): Promise<void> => {
  const { stopped } = await by.stopDaemon({ home });
  if (!stopped) {
    throw new CliError('NOT_STOPPED', { home });
  }
  await by.deleteDaemonState(home);
};
