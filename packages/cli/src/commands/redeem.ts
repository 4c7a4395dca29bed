/** `ocap redeem`: the object behind a URL, under a name of yours. */
import type { KernelStatus, ObjectDescription } from '@ocap/kernel';
import { printable, remotableText } from '@ocap/kernel-utils';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { findName, insistFreeName } from '../free-name.ts';
import { issuerOf } from '../object-url.ts';
import { shortPeerId } from '../peer-text.ts';
import type { Style } from '../style.ts';

/** It is there whatever it says of itself. */
const DESCRIBE_TIMEOUT_MS = 5_000;

export const redeem: Command = async (args, context) => {
  const as = args.text('as');
  const url = args.word(0);
  if (as !== undefined) {
    await insistFreeName(context, as);
  }
  const issuer = issuerOf(url);
  if (issuer !== undefined) {
    context.output.progress(`asking ${shortPeerId(issuer)} …`);
  }
  const kref = (await context.call('redeemOcapURL', { url })) as string;
  if (as !== undefined && (await findName(context, as)) === undefined) {
    await context.call('setName', { name: as, kref });
  }
  const found = await lookAt(context, kref);
  return {
    json: { kref, ...(as === undefined ? {} : { name: as }), ...found },
    text: (style) => foundText({ kref, as, found }, style),
  };
};

type Found = Readonly<{
  interface?: string;
  /** Of another daemon: its peer id, how it is reached, and how long it took to answer. */
  peer?: string;
  relayed?: boolean;
  ms?: number;
}>;

const lookAt = async (context: Context, kref: string): Promise<Found> => {
  const started = performance.now();
  try {
    const { interface: iface, peer } = (await context.call(
      'describe',
      { kref },
      { timeoutMs: DESCRIBE_TIMEOUT_MS },
    )) as ObjectDescription;
    const ms = Math.max(1, Math.round(performance.now() - started));
    return {
      ...(iface === undefined ? {} : { interface: iface }),
      ...(peer === undefined
        ? {}
        : { peer, relayed: await isRelayed(context, peer), ms }),
    };
  } catch {
    return {}; // It was redeemed; that it does not answer now is another matter.
  }
};

const isRelayed = async (
  context: Context,
  peerId: string,
): Promise<boolean> => {
  const { remoteComms } = (await context.call('getStatus', [])) as KernelStatus;
  const peer = remoteComms?.peers.find((each) => each.peerId === peerId);
  return peer?.relayed ?? false;
};

const foundText = (
  {
    kref,
    as,
    found: { interface: iface, peer, relayed, ms },
  }: Readonly<{ kref: string; as: string | undefined; found: Found }>,
  style: Style,
): string => {
  if (peer === undefined) {
    const what = remotableText(kref, iface);
    return as === undefined ? what : `${style.bold(as)} = ${what}`;
  }
  const way = relayed === true ? 'via relay' : 'direct';
  const line = `${style.bold(as ?? kref)} = ${nounOf(iface)} on ${shortPeerId(peer)} (${way}, ${ms} ms)`;
  return as === undefined
    ? `${line}\n  give it a name:  ocap names set <name> ${kref}`
    : line;
};

/** `Clerk` is a clerk. */
const nounOf = (iface = 'object'): string =>
  printable(iface.charAt(0).toLowerCase() + iface.slice(1));
