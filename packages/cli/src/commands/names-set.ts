/** `ocap names set` */
import { parseTarget } from '../call-arguments.ts';
import type { Command } from '../command.ts';

export const namesSet: Command = async ({ word }, context) => {
  const [name, kref] = [word(0), parseTarget(word(1))];
  await context.call('setName', { name, kref });
  return { json: { name, kref }, text: () => '' };
};
