/** `ocap share`: a URL for an object, to be handed on by whatever means. */
import { setTimeout as delay } from 'node:timers/promises';
import type { IssuedUrl, OcapURLOptions } from '@ocap/kernel';
import { parseTarget } from '../call-arguments.ts';
import { CliError } from '../cli-error.ts';
import type { Command, CommandArguments } from '../command.ts';
import type { Context } from '../context.ts';
import { daemonUptimeMs } from '../daemon-uptime.ts';
import { isLoopback } from '../listen-address.ts';
import { addressesIn } from '../object-url.ts';
import { shortPeerId } from '../peer-text.ts';
import { askComms } from '../remote-comms.ts';

const POLL_MS = 50;
/** So long after its start a daemon may still be on its way to its addresses. */
const YOUNG_MS = 5_000;

export const share: Command = async (args, context) => {
  const target = parseTarget(args.word(0));
  const options = urlOptions(args, Date.now());
  await waitForAddresses(context);
  const { id, url } = (await context.call('issueOcapURL', [
    target,
    options,
  ])) as IssuedUrl;
  const addresses = addressesIn(url);
  return {
    json: { id, url, addresses },
    text: () =>
      `${url}\n  ${useText(target, options)}. Take it back with:  ocap revoke ${id}`,
    notes: reachNotes(addresses),
  };
};

const urlOptions = (args: CommandArguments, now: number): OcapURLOptions => {
  const ttl = args.text('ttl');
  const uses = usesOf(args);
  const peer = args.text('peer');
  if (peer !== undefined && !/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/u.test(peer)) {
    throw new CliError('OPTION_WRONG', {
      problem: `--peer "${peer}" is not the peer id of a daemon: \`ocap daemon identity\` shows it there`,
    });
  }
  return {
    ...(ttl === undefined ? {} : { expires: now + durationMs('ttl', ttl) }),
    ...(uses === undefined ? {} : { uses }),
    ...(peer === undefined ? {} : { peer }),
  };
};

const usesOf = (args: CommandArguments): number | undefined => {
  const text = args.text('uses');
  const once = args.flag('once');
  if (text === undefined) {
    return once ? 1 : undefined;
  }
  if (once || !/^[1-9]\d{0,8}$/u.test(text)) {
    throw new CliError('OPTION_WRONG', {
      problem: once
        ? '--once and --uses say two things'
        : `--uses "${text}" is not a whole number above 0`,
    });
  }
  return Number(text);
};

/** One that listens is not reachable in its first moments, and the URL would say so for ever. */
const waitForAddresses = async (context: Context): Promise<void> => {
  for (;;) {
    const comms = await askComms(context);
    const age = (await daemonUptimeMs(context)) ?? YOUNG_MS;
    if (comms === undefined || comms.addresses.length > 0 || age >= YOUNG_MS) {
      return;
    }
    context.output.progress('waiting until other daemons can reach this one …');
    await delay(POLL_MS);
  }
};

const useText = (
  target: string,
  { peer, uses, expires }: OcapURLOptions,
): string => {
  const who = peer === undefined ? 'whoever has this URL' : shortPeerId(peer);
  const bounds = [
    ...(uses === undefined ? [] : [uses === 1 ? 'once' : `${uses} times`]),
    ...(expires === undefined
      ? []
      : [`until ${new Date(expires).toISOString()}`]),
  ];
  return `${who} can call ${target}${bounds.length === 0 ? '' : `; it can be redeemed ${bounds.join(', ')}`}`;
};

/** What is in the way of who is to redeem it. */
const reachNotes = (addresses: readonly string[]): readonly string[] => {
  if (addresses.length === 0) {
    return [
      'it has no address in it, so only this daemon itself can redeem it\nto be reachable for others:  ocap daemon start --listen <port>      or:  --relay <multiaddr>\nand then share it again',
    ];
  }
  return addresses.every(isLoopback)
    ? [
        'its addresses are of this machine only: daemons elsewhere cannot redeem it',
      ]
    : [];
};

const units = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `10min`, `2h`, `7d` */
export const durationMs = (option: string, text: string): number => {
  const [, count, unit] = /^(\d{1,6})\s*(s|min|h|d)$/u.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new CliError('OPTION_WRONG', {
      problem: `--${option} "${text}" is not a time like 90s, 10min, 2h or 7d`,
    });
  }
  return Number(count) * units[unit as keyof typeof units];
};
