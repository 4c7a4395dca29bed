/** `ocap names rm` */
import { parseTarget } from '../call-arguments.ts';
import type { Command } from '../command.ts';

export const namesRemove: Command = async ({ word }, context) => {
  const name = parseTarget(word(0));
  await context.call('removeName', { name });
  return { json: { removed: name }, text: () => '' };
};
