/** `ocap launch`: from sources or a config to a named, running subcluster, or nothing. */
import { resolve } from 'node:path';
import type { LaunchResult } from '@ocap/kernel';
import {
  decodedToJson,
  decodedToText,
  decodeSmallcaps,
  type Decoded,
  type Json,
} from '@ocap/kernel-utils';
import { isName } from '../call-arguments.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { insistFreeName } from '../free-name.ts';
import { planLaunch } from '../launch-plan.ts';
import type { Answer } from '../output.ts';
import { countText } from '../units.ts';

// All vats of a config start before it answers, and each may take its deadline.
const LAUNCH_TIMEOUT_MS = 120_000;

export const launch: Command = async (args, context) => {
  const interrupt = context.catchInterrupt();
  const plan = await planLaunch(resolve(context.cwd, args.word(0)));
  const name = args.text('as') ?? plan.name;
  if (args.text('as') === undefined && !isName(name)) {
    throw new CliError('NAME_INVALID', { name, found: 'in the path' });
  }
  await insistFreeName(context, name);
  if (interrupt.aborted) {
    throw new CliError('INTERRUPTED');
  }
  context.output.progress(progressText(name, plan.sources.length));
  const startedAt = performance.now();
  const result = (await context.call(
    'launchSubcluster',
    { config: plan.config as Json },
    { timeoutMs: LAUNCH_TIMEOUT_MS },
  )) as LaunchResult;
  const tookMs = performance.now() - startedAt;
  await nameOrUndo(context, name, result, interrupt);
  return launched({
    name,
    result,
    tookMs,
    bootstrap: String(plan.config['bootstrap']),
  });
};

const progressText = (name: string, sources: number): string =>
  sources === 0
    ? `launching ${name} …`
    : `bundling ${countText(sources, 'source')} and launching ${name} …`;

/** A launch that could not be named, or that nobody waits for any more, is taken back. */
const nameOrUndo = async (
  context: Context,
  name: string,
  { subclusterId, rootKref }: LaunchResult,
  interrupt: AbortSignal,
): Promise<void> => {
  try {
    if (interrupt.aborted) {
      throw new CliError('INTERRUPTED');
    }
    await context.call('setName', { name, kref: rootKref });
  } catch (error) {
    await context.call('terminateSubcluster', { id: subclusterId });
    if (error instanceof CliError) {
      throw error;
    }
    throw new CliError('LAUNCH_UNDONE', {
      problem: error instanceof Error ? error.message : String(error),
    });
  }
};

type Launched = Readonly<{
  name: string;
  result: LaunchResult;
  tookMs: number;
  bootstrap: string;
}>;

const launched = ({ name, result, tookMs, bootstrap }: Launched): Answer => {
  const { subclusterId, rootKref, bootstrapResult, vats } = result;
  const decoded: Decoded | undefined =
    bootstrapResult === undefined
      ? undefined
      : decodeSmallcaps(bootstrapResult);
  return {
    json: {
      name,
      subclusterId,
      rootKref,
      vats,
      ...(decoded !== undefined && { bootstrapResult: decodedToJson(decoded) }),
    },
    text: (style) => {
      const entries = Object.entries(vats);
      const parts = entries.map(
        ([vat, id]) =>
          `${vat}  ${id}${vat === bootstrap && entries.length > 1 ? ' (bootstrap)' : ''}`,
      );
      return [
        `${style.bold(name)}  launched  ${subclusterId}  ${countText(entries.length, 'vat')} in ${Math.round(tookMs)} ms`,
        `  ${parts.join('   ')}`,
        ...(decoded === undefined || decoded.style === 'undefined'
          ? []
          : [`  bootstrap answered: ${decodedToText(decoded)}`]),
        `  what it can do:  ocap describe ${name}      call it:  ocap call ${name} <method>`,
      ].join('\n');
    },
  };
};
