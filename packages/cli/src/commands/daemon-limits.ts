/** `ocap daemon limits`: which limits apply, and what one of them is for. */
import { amountText, type LimitReport } from '@ocap/kernel-utils';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';

export const daemonLimits: Command = async ({ words }, context) => {
  const all = (await context.call('getLimits', [])) as readonly LimitReport[];
  const [name] = words;
  if (name === undefined) {
    return { json: all, text: (style) => limitTable(all, style) };
  }
  const limit = all.find((each) => each.name === name);
  if (limit === undefined) throw new CliError('LIMIT_UNKNOWN', { name });
  return {
    json: limit,
    text: (style) =>
      [
        `${style.bold(name)}  ${amountText(limit)}${usualText(limit)}`,
        `  it stops ${limit.stops}`,
      ].join('\n'),
  };
};

const limitTable = (all: readonly LimitReport[], style: Style): string =>
  [
    table(
      [{ title: 'LIMIT' }, { title: 'VALUE', align: 'right' }, { title: '' }],
      all.map((limit) => [limit.name, amountText(limit), usualText(limit)]),
      style,
    ),
    style.dim('what one is for:  ocap daemon limits <limit>'),
    style.dim('to set one:  ocap daemon start --limit deliveryMs=20s'),
  ].join('\n');

const usualText = ({ value, usual, unit }: LimitReport): string =>
  value === usual ? '' : `  (usually ${amountText({ value: usual, unit })})`;
