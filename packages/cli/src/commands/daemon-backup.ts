/** `ocap daemon backup`: a copy of all that a daemon keeps, also while it runs. */
import { resolve } from 'node:path';
import { backUpState } from '@ocap/nodejs/client';
import type { Command } from '../command.ts';
import { sizeText, homeText } from '../units.ts';

export const daemonBackup: Command = async (args, context) => {
  const { home, env, cwd } = context;
  const file = resolve(cwd, args.word(0));
  const { bytes } = await backUpState({ home, file });
  return {
    json: { file, bytes, home },
    text: (style) =>
      `backed up ${homeText(home, env['HOME'])} to ${style.bold(args.word(0))} · ${sizeText(bytes)}, looked through`,
    notes: [
      'the identity is not in it:  ocap daemon identity backup\nto bring it back:  ocap daemon restore <file>',
    ],
  };
};
