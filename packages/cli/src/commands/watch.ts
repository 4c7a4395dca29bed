/** `ocap watch`: bundles as `ocap bundle` does, and again with every change. */
import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { stopSignal } from '../stop-signal.ts';
import { watchBundles } from '../watch-bundles.ts';

export const watch: Command = async (args, context) => {
  await watchBundles(context, {
    path: resolve(context.cwd, args.word(0)),
    selfContained: args.flag('self-contained'),
    signal: stopSignal(context),
  });
  return undefined;
};
