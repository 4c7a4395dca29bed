/** `ocap daemon start` */
import { homeText } from '../units.ts';
import type { Command } from '../command.ts';

export const daemonStart: Command = async (args, { home, env, access }) => {
  const { ensureDaemon } = await access();
  const logLevel = args.text('log-level');
  const { started, pid } = await ensureDaemon({
    home,
    ...(logLevel !== undefined && { logLevel }),
  });
  const status = started ? 'started' : 'already running';
  return {
    json: { status, pid, home },
    text: () =>
      `${status}  pid ${pid ?? 'unknown'}  ${homeText(home, env['HOME'])}`,
  };
};
