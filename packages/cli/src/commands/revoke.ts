/** `ocap revoke`: ends a reference for everybody who has it. */
import { parseTarget } from '../call-arguments.ts';
import type { Command } from '../command.ts';

export const revoke: Command = async ({ words }, context) => {
  const targets = words.map(parseTarget);
  for (const target of targets) {
    await context.call('revoke', { kref: target });
  }
  return {
    json: { revoked: targets },
    text: () =>
      targets
        .map((target) =>
          /^g\d+$/u.test(target)
            ? `${target} is revoked, with all that was derived from it`
            : `${target} is revoked: nobody can call it any more`,
        )
        .join('\n'),
  };
};
