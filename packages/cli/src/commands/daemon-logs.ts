/** `ocap daemon logs`: what the daemon wrote, readable; with `-f` as it is written. */
import type { KernelStatus } from '@ocap/kernel';
import { pathsOf } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { followFile } from '../follow-file.ts';
import { makeLogLineFormat } from '../log-line.ts';
import { chooseStyle } from '../style.ts';
import { homeText } from '../units.ts';

const FOLLOW_LINES = 20;
const STATUS_TIMEOUT_MS = 1_000;

export const daemonLogs: Command = async (args, context) => {
  const { home, env, output } = context;
  const path = pathsOf(home).logPath;
  const follow = args.flag('follow');
  const filter = args.words[0];
  const wanted =
    filter === undefined ? undefined : await idsOf(context, filter);
  const style = chooseStyle(output.forPeople, env);
  const format = makeLogLineFormat({ wanted, style, raw: !output.forPeople });
  const lines = lastLines(args.text('lines'), follow);
  const found = await followFile({
    path,
    follow,
    signal: context.catchInterrupt(),
    ...(lines !== undefined && { lastLines: lines }),
    onLines: (texts) => {
      output.write(texts.map(format).join(''));
    },
  });
  if (!found) {
    throw new CliError('NO_LOG', { path: homeText(path, env['HOME']) });
  }
  return undefined;
};

const lastLines = (
  text: string | undefined,
  follow: boolean,
): number | undefined => {
  if (text === undefined) {
    return follow ? FOLLOW_LINES : undefined;
  }
  if (!/^\d+$/u.test(text)) {
    throw new CliError('OPTION_WRONG', {
      problem: `--lines "${text}" is not a number`,
    });
  }
  return Number(text);
};

type Names = readonly Readonly<{ name: string; kref: string }>[];

/** A line may name a vat by its id only, so a name is looked up where a daemon runs. */
const idsOf = async (
  context: Context,
  filter: string,
): Promise<ReadonlySet<string>> => {
  const wanted = new Set([filter]);
  const ask = async (method: string): Promise<unknown> =>
    context.callIfRunning(method, [], { timeoutMs: STATUS_TIMEOUT_MS });
  try {
    const status = (await ask('getStatus')) as KernelStatus | undefined;
    const names = (await ask('listNames')) as Names | undefined;
    const kref = names?.find(({ name }) => name === filter)?.kref;
    const named = status?.subclusters.find(({ rootKref }) => rootKref === kref);
    for (const { id, name, subclusterId } of status?.vats ?? []) {
      const isMeant =
        name === filter ||
        subclusterId === filter ||
        (kref !== undefined && subclusterId === named?.id);
      if (isMeant) {
        wanted.add(id);
      }
    }
  } catch {
    // A daemon in trouble is when logs are read: the filter works without it.
  }
  return wanted;
};
