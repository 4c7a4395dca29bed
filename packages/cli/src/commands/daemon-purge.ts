/** `ocap daemon purge --force`: deletes what a daemon kept, once it is surely gone. */
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { DaemonAccess } from '../daemon-access.ts';
import { homeText } from '../units.ts';

export const daemonPurge: Command = async (args, { home, env, access }) => {
  const shownHome = homeText(home, env['HOME']);
  if (!args.flag('force')) {
    throw new CliError('PURGE_UNFORCED', { home: shownHome });
  }
  await purge(home, await access());
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
  {
    stopDaemon,
    deleteDaemonState,
  }: Pick<DaemonAccess, 'stopDaemon' | 'deleteDaemonState'>,
): Promise<void> => {
  const { stopped } = await stopDaemon({ home });
  if (!stopped) {
    throw new CliError('NOT_STOPPED', { home });
  }
  await deleteDaemonState(home);
};
