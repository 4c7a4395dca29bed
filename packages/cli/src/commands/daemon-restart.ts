/** `ocap daemon restart`: the next daemon in the place of this one, as after ocap was renewed. */
import { stopDaemon } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { daemonStart } from './daemon-start.ts';

export const daemonRestart: Command = async (args, context) => {
  const { home } = context;
  const { stopped } = await stopDaemon({ home });
  if (!stopped) throw new CliError('STOP_FAILED', { home });
  return daemonStart(args, context);
};
