/** `ocap dev`: launches vats, and gives them their new code when their files change. */
import { relative, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import type { Command, CommandArguments } from '../command.ts';
import type { Context } from '../context.ts';
import { followFiles } from '../dev-session.ts';
import {
  findDevTarget,
  vatFilesOf,
  type DevTarget,
  type VatFile,
} from '../dev-target.ts';
import { planLaunch } from '../launch-plan.ts';
import { stopSignal } from '../stop-signal.ts';
import { makeTell, type Tell } from '../tell.ts';
import { codeOf } from '../vat-code.ts';
import { launch } from './launch.ts';

export const dev: Command = async (args, context) => {
  const stop = stopSignal(context);
  const tell = makeTell(context.output);
  const plan = await planLaunch(resolve(context.cwd, args.word(0)));
  const name = args.text('as') ?? plan.name;
  const files = vatFilesOf(plan.config);
  insistFiles(files, args.word(0));
  const parts = { context, tell, stop, onRequest: args.flag('on-request') };

  const target = await findDevTarget(context, name, plan.config);
  if (target !== undefined) {
    tellRunning(tell, target, context.cwd);
    // Nothing is known of what it runs: its files may have changed since.
    return followFiles({ ...parts, target, running: new Map() });
  }
  // Read before the daemon reads them: who changes them in between is heard.
  const running = await codeOfFiles(files);
  const launched = await launchTarget({ args, context, tell, files });
  return followFiles({ ...parts, target: launched, running });
};

const insistFiles = (
  files: ReadonlyMap<string, VatFile>,
  what: string,
): void => {
  if (files.size === 0) {
    throw new CliError('WORDS_WRONG', {
      problem: `No vat of ${what} is made of a file of this machine, so there is nothing to watch`,
      usage: 'ocap dev <what>',
    });
  }
};

const tellRunning = (tell: Tell, target: DevTarget, cwd: string): void => {
  const { name, rootKref, vats } = target;
  const ids = Object.fromEntries(vats.map((vat) => [vat.name, vat.id]));
  tell.event('running', { name, rootKref, vats: ids }, (style) =>
    [
      `${style.bold(name)}  runs already`,
      ...vats.map(
        (vat) => `  ${vat.name}  ${vat.id}  ${relative(cwd, vat.file.path)}`,
      ),
    ].join('\n'),
  );
};

/** What cannot be read or bundled is left out: the launch says what is wrong with it. */
const codeOfFiles = async (
  files: ReadonlyMap<string, VatFile>,
): Promise<ReadonlyMap<string, string>> => {
  const codes = new Map<string, string>();
  for (const file of files.values()) {
    try {
      codes.set(file.path, await codeOf(file));
    } catch {
      continue;
    }
  }
  return codes;
};

type Launching = Readonly<{
  args: CommandArguments;
  context: Context;
  tell: Tell;
  files: ReadonlyMap<string, VatFile>;
}>;

/** The parts of what `ocap launch` answers that are needed here. */
type Launched = Readonly<{
  name: string;
  rootKref: string;
  vats: Readonly<Record<string, string>>;
}>;

const launchTarget = async ({
  args,
  context,
  tell,
  files,
}: Launching): Promise<DevTarget> => {
  const answer = await launch(args, context);
  const { name, rootKref, vats } = answer?.json as Launched;
  tell.event('launched', { ...(answer?.json as Launched) }, (style) =>
    answer === undefined ? '' : answer.text(style),
  );
  return {
    name,
    rootKref,
    vats: Object.entries(vats).flatMap(([vat, id]) => {
      const file = files.get(vat);
      return file === undefined ? [] : [{ id, name: vat, file }];
    }),
  };
};
