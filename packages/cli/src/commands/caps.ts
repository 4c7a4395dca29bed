/** `ocap caps`: everything that a vat or a subcluster can reach, and how it came to have it. */
import type { Capability, CapabilityReport } from '@ocap/kernel';
import { printable } from '@ocap/kernel-utils';
import { parseTarget } from '../call-arguments.ts';
import type { Command } from '../command.ts';
import type { Style } from '../style.ts';
import { countText, durationText } from '../units.ts';

export const caps: Command = async ({ word }, context) => {
  const target = parseTarget(word(0));
  const report = (await context.call('listCaps', {
    target,
  })) as CapabilityReport;
  return {
    json: report,
    text: (style) => reportText(target, report, style, Date.now()),
  };
};

type Line = readonly [what: string, how: string, revoke: string];

const reportText = (
  target: string,
  { caps: all, vats }: CapabilityReport,
  style: Style,
  now: number,
): string => {
  const own = all.filter(({ origin }) => origin === 'own');
  const lines = [
    ...vats.flatMap(globalLines),
    ...all
      .filter(({ origin }) => origin !== 'own')
      .map((cap) => capLine(cap, now)),
  ];
  const widths = [0, 1].map((at) =>
    Math.max(0, ...lines.map((line) => [...(line[at] ?? '')].length)),
  );
  return [
    `${style.bold(target)} can reach ${lines.length === 0 ? 'nothing of others' : countText(lines.length, 'thing')}`,
    ...lines.map((line) =>
      `  ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd(),
    ),
    ...(own.length === 0
      ? []
      : [`  and ${countText(own.length, 'object')} among its own vats`]),
    style.dim(
      `and nothing else: no ${all.some(({ io }) => io !== undefined) ? 'other ' : ''}files, no other network, no other vat.`,
    ),
  ]
    .map((text) => printable(text))
    .join('\n');
};

/** What a vat has beyond the language, because its config asked for it. */
const globalLines = ({
  name,
  globals,
  allowedHosts,
}: CapabilityReport['vats'][number]): Line[] => [
  ...(allowedHosts === undefined
    ? []
    : [['fetch', `hosts ${allowedHosts.join(', ')} (${name})`, ''] as const]),
  ...globals
    .filter((global) => !/^(?:fetch|Request|Response|Headers)$/u.test(global))
    .map((global) => [global, `global of ${name}`, ''] as const),
];

const capLine = (
  {
    kref,
    names,
    service,
    io,
    methods,
    owner,
    state,
    origin,
    grants,
  }: Capability,
  now: number,
): Line => {
  const [name] = names;
  const what =
    name !== undefined
      ? `@${name}`
      : service !== undefined
        ? (io?.name ?? service)
        : `${owner?.name ?? 'object'} ${kref}`;
  const kind =
    service === undefined
      ? `object of ${owner?.subclusterId ?? 'nobody'}`
      : `${io === undefined ? 'service' : `${io.type} channel`}${methods === undefined ? '' : ` (${methods.join(', ')})`}`;
  const standing = grants.filter(({ revoked }) => !revoked);
  const from =
    origin === 'launch'
      ? 'granted at launch'
      : standing.map((grant) => grantText(grant, now)).join('; ');
  const revoke =
    state !== 'live'
      ? ''
      : `revoke: ocap revoke ${origin === 'launch' ? kref : standing.map(({ id }) => id).join(' ')}`;
  return [what, `${kind}, ${state === 'live' ? from : state}`, revoke];
};

const grantText = (
  { giver, via, at }: Capability['grants'][number],
  now: number,
): string => {
  const from = giver === 'client' ? 'granted by you' : `passed on by ${giver}`;
  const since = durationText(Math.max(0, now - at));
  return `${from} as ${via}, ${since === 'now' ? 'just now' : `${since} ago`}`;
};
