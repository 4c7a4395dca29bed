/** `ocap relay start`: in the background like the daemon, or in the foreground. */
import {
  askRelay,
  attachRelay,
  ensureRelay,
  findRelayPaths,
  type RelayStatus,
} from '@ocap/nodejs/client';
import type { Command, CommandArguments } from '../command.ts';
import type { Context } from '../context.ts';
import type { Answer } from '../output.ts';
import { relaySettings } from '../relay-settings.ts';
import { stopSignal } from '../stop-signal.ts';
import { homeText } from '../units.ts';

export const relayStart: Command = async (args, context) => {
  if (args.flag('foreground')) return runInForeground(args, context);
  const { home } = context;
  const settings = relaySettings(args);
  const { started, pid } = await ensureRelay({ home, settings });
  const status = await askRelay({ home });
  return answer(context, started ? 'started' : 'already running', pid, status);
};

/** Ends when the relay does, with its exit code. */
const runInForeground = async (
  args: CommandArguments,
  context: Context,
): Promise<Answer> => {
  const { home, output } = context;
  const settings = relaySettings(args);
  const signal = stopSignal(context);
  const relay = await attachRelay({ home, settings });
  signal.addEventListener('abort', relay.stop);
  if (signal.aborted) relay.stop();
  const status = await askRelay({ home });
  output.answer(answer(context, 'started', relay.pid, status));
  const exitCode = await relay.ended;
  return { json: null, text: () => '', silent: true, exitCode };
};

const answer = (
  { home, env }: Context,
  status: 'started' | 'already running',
  pid: number | undefined,
  running: RelayStatus | undefined,
): Answer => {
  const { home: relayHome } = findRelayPaths({ home });
  const { peerId, addresses = [], metricsUrl } = running ?? {};
  return {
    json: { status, pid, home: relayHome, peerId, addresses, metricsUrl },
    text: (style) =>
      [
        `${status}  pid ${pid ?? 'unknown'}  ${homeText(relayHome, env['HOME'])}`,
        ...addresses.map((address) => `  ${style.bold(address)}`),
        ...(metricsUrl === undefined ? [] : [`  metrics: ${metricsUrl}`]),
        '  see what it does:  ocap relay status',
      ].join('\n'),
  };
};
