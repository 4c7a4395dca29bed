/** Results as a Markdown table, its columns padded as prettier would pad them. */
import type { Result } from './result.ts';
import type { Goal, Unit } from './row.ts';

const headingsFor = (beside: 'floor' | 'peer'): string[] => [
  ...['row', 'what', 'ours', beside, `what the ${beside} is`],
  ...['ratio (min–max)', 'goal', 'reached'],
];

/** The ratio is ours to the floor, or to the peer. */
export const renderTable = (
  results: readonly Result[],
  beside: 'floor' | 'peer',
): string => renderCells(headingsFor(beside), results.map(cellsOf));

export const renderCells = (
  headings: readonly string[],
  body: readonly (readonly string[])[],
): string => {
  const widths = headings.map((heading, column) =>
    Math.max(
      3,
      heading.length,
      ...body.map((cells) => cells[column]?.length ?? 0),
    ),
  );
  const render = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0, fill)).join(' | ')} |\n`;
  const rule = headings.map(() => '');
  return [
    render(headings),
    render(rule, '-'),
    ...body.map((cells) => render(cells)),
  ].join('');
};

const cellsOf = (result: Result): string[] => {
  const { row, ours, floor } = result;
  return [
    `\`${row.id}\``,
    row.title,
    quantity(ours.median, row.unit),
    quantity(floor.median, row.unit),
    row.floor,
    ratioCell(result),
    ...goalCells(result),
  ];
};

export const ratioCell = ({ ratio }: Result): string =>
  `${digits(ratio.median)} × (${digits(ratio.min)}–${digits(ratio.max)})`;

export const goalCells = ({ row, reached }: Result): [string, string] => {
  const { goal, unit } = row;
  return goal === undefined
    ? ['–', '–']
    : [goalText(goal, unit), verdict(goal, reached === true)];
};

const goalText = (goal: Goal, unit: Unit): string => {
  const [sign, bound] =
    'atMost' in goal
      ? ['≤', goal.atMost]
      : 'atLeast' in goal
        ? ['≥', goal.atLeast]
        : ['=', goal.exactly];
  const value = goal.of === 'ratio' ? `${bound} ×` : quantity(bound, unit);
  return `${goal.kind} ${sign} ${value}`;
};

const verdict = ({ kind }: Goal, reached: boolean): string => {
  if (reached) return 'ok';
  return kind === 'target' ? 'MISSED' : 'not yet';
};

export const quantity = (value: number, unit: Unit): string =>
  unit === '/s' ? `${digits(value)}/s` : `${digits(value)} ${unit}`;

/** Three digits that count; more would be noise. */
const digits = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toPrecision(3);
