/** `ocap share`: a URL for an object, to be handed on by whatever means. */
import type { IssuedUrl } from '@ocap/kernel';
import { parseTarget } from '../call-arguments.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';

export const share: Command = async (args, context) => {
  const target = parseTarget(args.word(0));
  const ttl = args.text('ttl');
  const issued = (await context.call('issueOcapURL', [
    target,
    {
      ...(ttl === undefined ? {} : { expires: Date.now() + durationMs(ttl) }),
      ...(args.flag('once') ? { uses: 1 } : {}),
    },
  ])) as IssuedUrl;
  return {
    json: issued,
    text: () =>
      `${issued.url}\n  whoever has this URL can call ${target}. Take it back with:  ocap revoke ${issued.id}`,
  };
};

const units = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `10min`, `2h`, `7d` */
const durationMs = (text: string): number => {
  const [, count, unit] = /^(\d{1,6})\s*(s|min|h|d)$/u.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new CliError('OPTION_WRONG', {
      problem: `--ttl "${text}" is not a time like 90s, 10min, 2h or 7d`,
    });
  }
  return Number(count) * units[unit as keyof typeof units];
};
