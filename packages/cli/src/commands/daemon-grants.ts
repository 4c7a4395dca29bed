/** `ocap daemon grants`: the accesses that were given, without their tokens. */
import type { Access } from '@ocap/kernel';
import { facetText } from '../access-text.ts';
import type { Command } from '../command.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { durationText } from '../units.ts';

export const daemonGrants: Command = async ({ flag }, context) => {
  const all = (await context.call('listAccesses', [])) as readonly Access[];
  const shown = flag('all')
    ? all
    : all.filter(({ ended }) => ended === undefined);
  const hidden = all.length - shown.length;
  return {
    json: shown,
    text: (style) =>
      [
        shown.length === 0
          ? 'no access was given\n  ocap daemon grant <name|s1|status> makes a file that gives some'
          : accessTable(shown, Date.now(), style),
        ...(hidden === 0
          ? []
          : [style.dim(`${hidden} that ended:  ocap daemon grants --all`)]),
      ].join('\n'),
  };
};

const accessTable = (
  accesses: readonly Access[],
  now: number,
  style: Style,
): string =>
  table(
    [
      { title: 'ID' },
      { title: 'WHAT' },
      { title: 'NAME' },
      { title: 'GIVEN' },
      { title: 'ENDS' },
    ],
    accesses.map((access) => [
      access.id,
      facetText(access),
      access.name ?? '–',
      `${durationText(now - access.issued)} ago`.replace('now ago', 'now'),
      endText(access, now),
    ]),
    style,
  );

const endText = ({ ended, expires }: Access, now: number): string => {
  if (ended !== undefined) return `ended: ${ended}`;
  return expires === undefined ? '–' : `in ${durationText(expires - now)}`;
};
