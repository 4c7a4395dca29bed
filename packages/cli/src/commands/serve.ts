/** `ocap serve`: the bundles of a folder over HTTP, for `bundleSpec`s that are URLs. */
import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { serveBundles } from '../serve-bundles.ts';
import { stopSignal } from '../stop-signal.ts';

export const serve: Command = async (args, context) => {
  await serveBundles(context, {
    folder: resolve(context.cwd, args.word(0)),
    args,
    signal: stopSignal(context),
  });
  return undefined;
};
