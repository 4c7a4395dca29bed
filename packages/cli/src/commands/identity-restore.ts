/** `ocap daemon identity restore`: the key from its words. */
import { restoreIdentity } from '@ocap/nodejs/client';
import type { Command } from '../command.ts';
import { readPhrase } from '../read-phrase.ts';
import { homeText } from '../units.ts';

export const identityRestore: Command = async (args, context) => {
  const { home, env, catchInterrupt } = context;
  const phrase = await readPhrase({
    input: process.stdin,
    output: process.stderr,
    signal: catchInterrupt(),
  });
  const force = args.flag('force');
  const { peerId, replaced } = await restoreIdentity({ home, phrase, force });
  return {
    json: { peerId, home, ...(replaced === undefined ? {} : { replaced }) },
    text: (style) =>
      `${homeText(home, env['HOME'])} is ${style.bold(peerId)}${replaced === undefined ? '' : `\n  it was ${replaced}, whose URLs are of no use any more`}`,
  };
};
