/** `ocap redeem`: the object behind a URL, under a name of yours. */
import type { ObjectDescription } from '@ocap/kernel';
import { remotableText } from '@ocap/kernel-utils';
import type { Command } from '../command.ts';
import { findName, insistFreeName } from '../free-name.ts';

export const redeem: Command = async (args, context) => {
  const as = args.text('as');
  if (as !== undefined) {
    await insistFreeName(context, as);
  }
  const kref = (await context.call('redeemOcapURL', {
    url: args.word(0),
  })) as string;
  if (as !== undefined && (await findName(context, as)) === undefined) {
    await context.call('setName', { name: as, kref });
  }
  const { interface: iface } = (await context.call('describe', {
    kref,
  })) as ObjectDescription;
  return {
    json: { kref, ...(as === undefined ? {} : { name: as }) },
    text: (style) =>
      `${as === undefined ? '' : `${style.bold(as)} = `}${remotableText(kref, iface)}`,
  };
};
