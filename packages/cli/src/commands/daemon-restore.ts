/** `ocap daemon restore`: takes a backup for the state of the home. */
import { resolve } from 'node:path';
import { restoreState } from '@ocap/nodejs/client';
import type { Command } from '../command.ts';
import { homeText } from '../units.ts';

export const daemonRestore: Command = async (args, context) => {
  const { home, env, cwd } = context;
  const file = resolve(cwd, args.word(0));
  const force = args.flag('force');
  const { replaced } = await restoreState({ home, file, force });
  return {
    json: { file, home, ...(replaced === undefined ? {} : { replaced }) },
    text: () =>
      `restored ${homeText(home, env['HOME'])} from ${args.word(0)}${replaced === undefined ? '' : `\n  what was there is in ${homeText(replaced, env['HOME'])}`}`,
  };
};
