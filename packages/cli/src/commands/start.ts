/** `ocap start`: watches and serves a folder at once. If either fails, both end. */
import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { serveBundles } from '../serve-bundles.ts';
import { stopSignal } from '../stop-signal.ts';
import { watchBundles } from '../watch-bundles.ts';

export const start: Command = async (args, context) => {
  const path = resolve(context.cwd, args.word(0));
  const failed = new AbortController();
  const signal = AbortSignal.any([stopSignal(context), failed.signal]);
  const orEndBoth = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      failed.abort();
      throw error;
    }
  };
  const selfContained = args.flag('self-contained');
  const results = await Promise.allSettled([
    orEndBoth(serveBundles(context, { folder: path, args, signal })),
    orEndBoth(watchBundles(context, { path, selfContained, signal })),
  ]);
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
  }
  return undefined;
};
