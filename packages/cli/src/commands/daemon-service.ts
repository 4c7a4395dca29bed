/**
 * `ocap daemon service print|install`: what systemd or launchd needs to run the
 * daemon. Writes one file, and leaves it to its owner to begin it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { daemonCommand } from '@ocap/nodejs/client';
import { CliError } from '../cli-error.ts';
import type { Command, CommandArguments } from '../command.ts';
import type { Context } from '../context.ts';
import {
  planService,
  type ServiceManagerName,
  type ServicePlan,
} from '../service/plan-service.ts';
import { homeText } from '../units.ts';

export const servicePrint: Command = async (args, context) => {
  const { path, text, manager } = plan(args, context);
  return {
    json: { manager, path, text },
    text: () => text.trimEnd(),
    notes: [`it would be ${path}:  ocap daemon service install`],
  };
};

export const serviceInstall: Command = async (args, context) => {
  const { manager, path, text, begin, end } = plan(args, context);
  const isThere = existsSync(path);
  const isSame = isThere && readFileSync(path, 'utf8') === text;
  if (isThere && !isSame && !args.flag('force')) {
    throw new CliError('SERVICE_EXISTS', { path });
  }
  if (!isSame) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o644 });
  }
  return {
    json: { manager, path, begin, end },
    text: (style) =>
      [
        `${style.green('✓')} ${homeText(path, context.env['HOME'])} ${isSame ? 'is there already' : 'written'}`,
        ...begin.map(
          (command, at) =>
            `${at === 0 ? '  to begin it:  ' : '                '}${command}`,
        ),
        `  to end it:    ${end}`,
      ].join('\n'),
  };
};

const plan = (args: CommandArguments, { home, env }: Context): ServicePlan => {
  const name = args.text('name') ?? 'ocap';
  if (!/^[a-z][a-z0-9-]{0,40}$/iu.test(name)) {
    const problem = `--name "${name}" is not letters, digits and "-"`;
    throw new CliError('OPTION_WRONG', { problem });
  }
  return planService({
    program: daemonCommand({ home }),
    manager: (args.text('manager') ?? usualManager()) as ServiceManagerName,
    name,
    env,
    isOfMachine: process.getuid?.() === 0 && !args.flag('user'),
  });
};

const usualManager = (): ServiceManagerName =>
  process.platform === 'darwin' ? 'launchd' : 'systemd';
