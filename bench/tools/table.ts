/** Results as a Markdown table, its columns padded as prettier would pad them. */
import type { Result } from './result.ts';
import type { Goal, Unit } from './row.ts';

const headings = [
  'row',
  'what',
  'ours',
  'floor',
  'what the floor is',
  'ratio (min–max)',
  'goal',
  'reached',
];

export const renderTable = (results: readonly Result[]): string => {
  const lines = [headings, ...results.map(cellsOf)];
  const widths = headings.map((_, column) =>
    Math.max(3, ...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const render = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0, fill)).join(' | ')} |`;
  const rule = headings.map(() => '');
  const [head = [], ...body] = lines;
  return [
    render(head),
    render(rule, '-'),
    ...body.map((cells) => render(cells)),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

const cellsOf = ({ row, ours, floor, ratio, reached }: Result): string[] => {
  const { id, title, unit, goal } = row;
  const range = `${digits(ratio.min)}–${digits(ratio.max)}`;
  return [
    `\`${id}\``,
    title,
    quantity(ours.median, unit),
    quantity(floor.median, unit),
    row.floor,
    `${digits(ratio.median)} × (${range})`,
    goal === undefined ? '–' : goalText(goal, unit),
    goal === undefined ? '–' : verdict(goal, reached === true),
  ];
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

const quantity = (value: number, unit: Unit): string =>
  unit === '/s' ? `${digits(value)}/s` : `${digits(value)} ${unit}`;

/** Three digits that count; more would be noise. */
const digits = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toPrecision(3);
