/** Verdicts as rows of a table, for the terminal and for the page. */
import type { Verdict } from '../../test/score/tools/verdict.ts';
import { scoreboard } from './scoreboard.ts';

export const headings = [
  '#',
  'id',
  'pass',
  'value',
  'limit',
  'seconds',
  'seed',
  'mode',
] as const;

export type Cells = readonly string[];

export const cellsOf = (verdict: Verdict): Cells => {
  const { id, pass, value, limit, seconds, seed, mode } = verdict;
  const number = scoreboard.find((entry) => entry.id === id)?.number;
  return [
    String(number ?? '?'),
    id,
    pass ? 'yes' : 'NO',
    value,
    limit,
    seconds.toFixed(1),
    String(seed),
    mode,
  ].map((cell) => cell.replaceAll('|', '¦').replaceAll(/\s+/gu, ' '));
};

/** In the manner of Markdown; the widths are those of the longest cells. */
export const renderTable = (head: Cells, rows: readonly Cells[]): string => {
  const widths = head.map((heading, column) =>
    Math.max(3, heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: Cells, fill = ' '): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0, fill)).join(' | ')} |\n`;
  const rule = line(
    head.map(() => ''),
    '-',
  );
  return [line(head), rule, ...rows.map((row) => line(row))].join('');
};
