/** `ocap daemon start`, and how others reach the daemon. */
import { ensureDaemon } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { wantedLimits } from '../limit-option.ts';
import type { Answer } from '../output.ts';
import { reachText, shortPeerId } from '../peer-text.ts';
import { openComms, wantedComms, type OpenedComms } from '../remote-comms.ts';
import { homeText } from '../units.ts';

export const daemonStart: Command = async (args, context) => {
  const { home, env } = context;
  const logLevel = args.text('log-level');
  // Read before anything is started: with a wrong option nothing is.
  const wanted = await wantedComms(args, context);
  const limits = wantedLimits(args.texts('limit'));
  const { started, pid } = await ensureDaemon({
    home,
    limits,
    ...(logLevel !== undefined && { logLevel }),
  });
  if (!started && Object.keys(limits).length > 0) {
    throw new CliError('LIMITS_NEED_START', { pid });
  }
  const status = started ? 'started' : 'already running';
  const line = `${status}  pid ${pid ?? 'unknown'}  ${homeText(home, env['HOME'])}`;
  const json = { status, pid, home };
  return wanted === undefined
    ? { json, text: () => line }
    : reachableAnswer(json, line, await openComms(context, wanted));
};

const reachableAnswer = (
  json: Readonly<Record<string, unknown>>,
  line: string,
  { comms, waitingFor }: OpenedComms,
): Answer => ({
  json: { ...json, remoteComms: comms, waitingFor },
  text: (style) =>
    [
      line,
      reachText(comms, style),
      '  let others have an object:  ocap share <name>',
    ].join('\n'),
  notes: waitingFor.map(
    (id) =>
      `the relay ${shortPeerId(id)} does not answer yet; it is tried again and again:  ocap daemon status`,
  ),
});
