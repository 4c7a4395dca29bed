/** Aligned columns for a terminal. */
import { plainStyle, type Style } from './style.ts';

export type Column = Readonly<{ title: string; align?: 'left' | 'right' }>;

/** Rows under their titles. Cells are plain text; the last column is not padded. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style = plainStyle,
): string => {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_column, at) =>
    Math.max(...[titles, ...rows].map((row) => width(row[at] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, at) => pad(row[at] ?? '', widths[at] ?? 0, align))
      .join('  ')
      .trimEnd();
  return [style.dim(line(titles)), ...rows.map(line)].join('\n');
};

const pad = (cell: string, size: number, align: Column['align']): string => {
  const space = ' '.repeat(Math.max(0, size - width(cell)));
  return align === 'right' ? space + cell : cell + space;
};

const width = (cell: string): number => [...cell].length;
