/** What came of a row: its values, their summaries, and whether the goal was reached. */
import type { Goal, Measured, Row } from './row.ts';
import { summarize, type Summary } from './statistics.ts';

export type Result = Readonly<{
  row: Omit<Row, 'measure'>;
  ours: Summary;
  floor: Summary;
  /** Of ours to the floor of the same round. */
  ratio: Summary;
  /** Absent without a goal. */
  reached?: boolean;
  rounds: Measured;
}>;

export const makeResult = (
  row: Omit<Row, 'measure'>,
  rounds: Measured,
): Result => {
  const ratios = rounds.ours.map(
    (value, i) => value / (rounds.floor[i] ?? NaN),
  );
  const summaries = {
    ours: summarize(rounds.ours),
    floor: summarize(rounds.floor),
    ratio: summarize(ratios),
  };
  const { goal } = row;
  return {
    row,
    ...summaries,
    ...(goal && { reached: isReached(goal, summaries[goal.of].median) }),
    rounds,
  };
};

const isReached = (goal: Goal, value: number): boolean => {
  if ('atMost' in goal) return value <= goal.atMost;
  if ('atLeast' in goal) return value >= goal.atLeast;
  return value === goal.exactly;
};
