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
        .map((target) => `${target} is revoked${consequence(target)}`)
        .join('\n'),
  };
};

const consequence = (target: string): string => {
  if (/^g\d+$/u.test(target)) return ', with all that was derived from it';
  return /^a\d+$/u.test(target)
    ? ': its file is of no use any more'
    : ': nobody can call it any more';
};
