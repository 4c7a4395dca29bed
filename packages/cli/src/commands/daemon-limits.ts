/** `ocap daemon limits`: which limits apply, what one of them is for, and setting one. */
import { readFile } from 'node:fs/promises';
import {
  amountText,
  limits,
  type LimitName,
  type LimitReport,
} from '@ocap/kernel-utils';
import { findDaemon, pathsOf, readHomeConfig } from '@ocap/nodejs/client';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { insistAmount, insistLimit } from '../limit-option.ts';
import type { Answer } from '../output.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { homeText } from '../units.ts';
import { writeAtomically } from '../write-atomically.ts';

/** In place of an amount: that of everybody. */
const USUAL = 'usual';

export const daemonLimits: Command = async ({ words }, context) => {
  const [word, amount] = words;
  const name = word === undefined ? undefined : insistLimit(word);
  if (name !== undefined && amount !== undefined) {
    const isUsual = amount === USUAL;
    const value = isUsual ? undefined : insistAmount(name, amount);
    return setLimit(context, name, value);
  }
  const all = (await context.call('getLimits', [])) as readonly LimitReport[];
  const limit = all.find((each) => each.name === name);
  return limit === undefined
    ? { json: all, text: (style) => limitTable(all, style) }
    : { json: limit, text: (style) => limitText(limit, style) };
};

const limitTable = (all: readonly LimitReport[], style: Style): string =>
  [
    table(
      [{ title: 'LIMIT' }, { title: 'VALUE', align: 'right' }, { title: '' }],
      all.map((limit) => [limit.name, amountText(limit), usualText(limit)]),
      style,
    ),
    style.dim('what one is for:  ocap daemon limits <limit>'),
    style.dim('to set one:       ocap daemon limits deliveryMs 20s'),
  ].join('\n');

const limitText = (limit: LimitReport, style: Style): string =>
  [
    `${style.bold(limit.name)}  ${amountText(limit)}${usualText(limit)}`,
    `  it stops ${limit.stops}`,
  ].join('\n');

const usualText = ({ value, usual, unit }: LimitReport): string =>
  value === usual ? '' : `  (usually ${amountText({ value: usual, unit })})`;

/** In `config.json`, which is read when a daemon starts. Without a value: as usual. */
const setLimit = async (
  { home, env }: Context,
  name: LimitName,
  value: number | undefined,
): Promise<Answer> => {
  const paths = pathsOf(home);
  // What a daemon could not read is not written over.
  readHomeConfig(paths.configPath, home);
  const config = await readConfig(paths.configPath);
  const { [name]: _before, ...others } = config.limits ?? {};
  const set = value === undefined ? others : { ...others, [name]: value };
  const text = JSON.stringify({ ...config, limits: set }, undefined, 2);
  await writeAtomically(paths.configPath, `${text}\n`, 0o600);
  const { unit, value: usual } = limits[name];
  const shown = amountText({ value: value ?? usual, unit });
  return {
    json: { name, value: value ?? usual, path: paths.configPath },
    text: () =>
      `${name} = ${shown}  in ${homeText(paths.configPath, env['HOME'])}`,
    notes:
      findDaemon(paths) === undefined
        ? []
        : [
            'the daemon goes on with what it was started with\nto have it now:  ocap daemon restart',
          ],
  };
};

type Config = Readonly<{ limits?: Readonly<Record<string, number>> }>;

const readConfig = async (path: string): Promise<Config> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Config;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
};
