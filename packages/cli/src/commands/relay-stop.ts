/** `ocap relay stop`: not an error where nothing runs. */
import { findRelayPaths, stopRelay } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';

export const relayStop: Command = async (_args, { home }) => {
  const { home: relayHome } = findRelayPaths({ home });
  const { stopped, stage } = await stopRelay({ home });
  if (!stopped) throw new CliError('RELAY_STOP_FAILED', { home: relayHome });
  const status = stage === 'not-running' ? 'not running' : 'stopped';
  return {
    json: { status, stage, home: relayHome },
    text: () =>
      status === 'stopped' && stage !== 'rpc'
        ? `stopped (it did not answer and was ended by ${stage})`
        : status,
  };
};
