/** `ocap ps`: subclusters, their vats, and the daemon under them. */
import type { KernelStatus } from '@ocap/kernel';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { daemonUptimeMs } from '../daemon-uptime.ts';
import type { Style } from '../style.ts';
import { table, type Column } from '../table.ts';
import { countText, durationText, homeText, sizeText } from '../units.ts';

export const ps: Command = async (_args, context) => {
  const status = (await context.call('getStatus', [])) as KernelStatus;
  const names = (await context.call('listNames', [])) as Names;
  const uptimeMs = await daemonUptimeMs(context);
  return {
    json: status,
    text: (style) =>
      [
        vatTable(status, names, style),
        style.dim(daemonLine(status, uptimeMs, context)),
      ].join('\n'),
  };
};

type Vat = KernelStatus['vats'][number];
type Names = readonly Readonly<{ name: string; kref: string }>[];

/** What the user calls it: the first name of its root. */
const nameOf = (rootKref: string | undefined, names: Names): string =>
  names.find(({ kref }) => kref === rootKref)?.name ?? '';

const columns: readonly Column[] = [
  { title: 'SUBCLUSTER' },
  { title: 'VAT' },
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'INBOX', align: 'right' },
  { title: 'CALLS', align: 'right' },
  { title: 'MEMORY', align: 'right' },
];

const vatTable = (status: KernelStatus, names: Names, style: Style): string => {
  const rows = status.subclusters.flatMap(({ id, system, rootKref }) =>
    status.vats
      .filter(({ subclusterId }) => subclusterId === id)
      .map((vat, at) => [
        at > 0 ? '' : [id, system ?? nameOf(rootKref, names)].join(' ').trim(),
        ...vatCells(vat),
      ]),
  );
  return rows.length === 0
    ? 'no vats yet      ocap launch <config.json | vat.js | folder>'
    : table(columns, rows, style);
};

const vatCells = ({
  id,
  name,
  state,
  inbox,
  deliveries,
  host,
}: Vat): string[] => [
  id,
  name,
  state,
  String(inbox),
  String(deliveries),
  memoryText(host),
];

/** Vats that share a process are shown with their part of it, marked as such. */
const memoryText = (host: Vat['host']): string => {
  if (host === undefined) {
    return '–';
  }
  return host.vats > 1
    ? `~${sizeText(host.memoryBytes / host.vats)}`
    : sizeText(host.memoryBytes);
};

const daemonLine = (
  { hosts }: KernelStatus,
  uptimeMs: number | undefined,
  { home, env }: Context,
): string => {
  const spares = hosts.filter(({ spare }) => spare).length;
  const memory = hosts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const busy = countText(hosts.length - spares, 'host');
  return [
    uptimeMs === undefined ? 'daemon' : `daemon ${durationText(uptimeMs)} up`,
    spares > 0 ? `${busy} + ${spares} spare` : busy,
    ...(memory > 0 ? [sizeText(memory)] : []),
    homeText(home, env['HOME']),
  ].join(' · ');
};
