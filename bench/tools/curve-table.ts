/** Curves as a Markdown table: a line for each figure, a column for each size. */
import type { CurveResult } from './curve.ts';
import { goalCells, quantity, ratioCell, renderCells } from './table.ts';

const STEPS = ['smallest', '× 10', '× 100', '× 1,000'];

export const renderCurves = (results: readonly CurveResult[]): string =>
  renderCells(
    [
      ...['figure', 'what', 'smallest is', ...STEPS],
      ...['largest to smallest (min–max)', 'goal', 'reached'],
    ],
    results.map((result) => {
      const { row, steps } = result;
      return [
        `\`${row.id}\``,
        row.title,
        row.floor,
        ...STEPS.map((_, i) => {
          const step = steps[i];
          return step === undefined ? '–' : quantity(step.median, row.unit);
        }),
        ratioCell(result),
        ...goalCells(result),
      ];
    }),
  );
