/** `ocap daemon stop`: not an error where nothing runs. */
import { stopDaemon } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';

export const daemonStop: Command = async (_args, { home }) => {
  const { stopped, stage } = await stopDaemon({ home });
  if (!stopped) {
    throw new CliError('STOP_FAILED', { home });
  }
  const status = stage === 'not-running' ? 'not running' : 'stopped';
  return {
    json: { status, stage, home },
    text: () =>
      status === 'stopped' && stage !== 'rpc'
        ? `stopped (it did not answer and was ended by ${stage}; everything acknowledged is on disk)`
        : status === 'stopped'
          ? 'stopped (everything is on disk)'
          : status,
  };
};
