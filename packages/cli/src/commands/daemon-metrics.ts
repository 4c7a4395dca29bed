/** `ocap daemon metrics`: how the daemon is doing, in numbers. Starts nothing. */
import { metricsText, type Metric } from '@ocap/kernel-utils';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';

export const daemonMetrics: Command = async (
  args,
  { callIfRunning, ...rest },
) => {
  const metrics = (await callIfRunning('getMetrics', [])) as
    readonly Metric[] | undefined;
  if (metrics === undefined) {
    throw new CliError('NOT_RUNNING', { home: rest.home });
  }
  const text = metricsText(metrics);
  if (args.flag('prometheus')) {
    rest.output.write(text);
    return undefined;
  }
  return { json: metrics, text: () => text.trimEnd() };
};
