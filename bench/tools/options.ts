/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import type { Curve } from './curve.ts';
import { peerIds } from './peers.ts';
import type { Row } from './row.ts';

export type Options = Readonly<{
  quick: boolean;
  /** Also the rows that measure peers. */
  peers: boolean;
  strict: boolean;
  /** Put the table into the documentation. */
  write: boolean;
  help: boolean;
  /** A file for the results as JSON. */
  json?: string;
  rows: readonly Row[];
  curves: readonly Curve[];
}>;

/** All there is to choose from. */
export type Menu = Readonly<{
  rows: readonly Row[];
  curves: readonly Curve[];
}>;

export const usage = ({
  rows,
  curves,
}: Menu): string => `npm run bench -- [options]

  --quick        fewer rounds: about two minutes; curves without their largest size
  --curves       also how costs grow with what there is, some ten minutes
  --peers        also beside other systems (${peerIds.join(', ')}), which npm
                 installs into bench/peers when they are not there yet
  --only ROW     only this row or curve, the rows of this peer, or all "curves";
                 may be given several times
  --json FILE    write machine, results and every single value to FILE
  --write        put the tables into docs/benchmarks.md
  --strict       exit with 1 if a target is missed

Rows: ${idsOf(rows)}

Curves: ${idsOf(curves)}`;

const idsOf = (all: readonly { id: string }[]): string =>
  all.map(({ id }) => id).join(', ');

const isRow = (row: Row, name: string): boolean =>
  name === row.id || name === row.peer;
const isCurve = (curve: Curve, name: string): boolean =>
  name === curve.id || name === 'curves';

export const parseOptions = (
  args: readonly string[],
  menu: Menu,
): Options | Readonly<{ problem: string }> => {
  try {
    const { only, curves, ...options } = parse(args);
    for (const name of only) {
      const problem = problemOf(name, { curves, peers: options.peers }, menu);
      if (problem !== undefined) return { problem };
    }
    const chosen = <Item>(
      items: readonly Item[],
      is: (item: Item, name: string) => boolean,
      unnamed: (item: Item) => boolean,
    ): readonly Item[] =>
      items.filter((item) =>
        only.length === 0 ? unnamed(item) : only.some((name) => is(item, name)),
      );
    return {
      ...options,
      rows: chosen(
        menu.rows,
        isRow,
        ({ peer }) => options.peers || peer === undefined,
      ),
      curves: chosen(menu.curves, isCurve, () => curves),
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
};

/** What costs time or the network is asked for twice: nobody runs it by mistake. */
const problemOf = (
  name: string,
  asked: Readonly<{ curves: boolean; peers: boolean }>,
  { rows, curves }: Menu,
): string | undefined => {
  const row = rows.find((each) => isRow(each, name));
  const curve = curves.find((each) => isCurve(each, name));
  if (row?.peer !== undefined && !asked.peers) {
    return `"${name}" measures a peer: say --peers as well.`;
  }
  if (curve !== undefined && !asked.curves) {
    return `"${name}" is a curve: say --curves as well.`;
  }
  return (row ?? curve) ? undefined : `There is no row "${name}".`;
};

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      curves: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      json: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
    },
  }).values;
