/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import type { Row } from './row.ts';

export type Options = Readonly<{
  quick: boolean;
  strict: boolean;
  /** Put the table into the documentation. */
  write: boolean;
  help: boolean;
  /** A file for the results as JSON. */
  json?: string;
  rows: readonly Row[];
}>;

export const usage = (
  rows: readonly Row[],
): string => `npm run bench -- [options]

  --quick        fewer rounds: about a minute
  --only ROW     only this row; may be given several times
  --json FILE    write machine, results and every single value to FILE
  --write        put the table into docs/benchmarks.md
  --strict       exit with 1 if a target is missed

Rows: ${rows.map(({ id }) => id).join(', ')}`;

export const parseOptions = (
  args: readonly string[],
  rows: readonly Row[],
): Options | Readonly<{ problem: string }> => {
  try {
    const { only, ...options } = parse(args);
    const unknown = only.find((id) => !rows.some((row) => row.id === id));
    if (unknown !== undefined) {
      return { problem: `There is no row "${unknown}".` };
    }
    const isChosen = ({ id }: Row): boolean =>
      only.length === 0 || only.includes(id);
    return { ...options, rows: rows.filter(isChosen) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
};

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      json: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
    },
  }).values;
