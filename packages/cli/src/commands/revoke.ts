/** `ocap revoke`: ends a reference for everybody who has it. */
import { parseTarget } from '../call-arguments.ts';
import type { Command } from '../command.ts';

export const revoke: Command = async ({ word }, context) => {
  const target = parseTarget(word(0));
  await context.call('revoke', { kref: target });
  return {
    json: { revoked: target },
    text: () => `${target} is revoked: nobody can call it any more`,
  };
};
